import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { keyServerWorkload, labels } from '../api/names.ts'
import { keptSecretName } from '../controller/kesIdentity/names.ts'
import { materialName } from '../controller/keyServer/material.ts'
import type { Client } from '../kube/client.ts'
import type { PodStreams } from '../kube/podStreams.ts'
import { kesIdentities, keyServers, persistentVolumeClaims, pods, secrets, type Secret } from '../kube/resources.ts'
import { askServer } from './askServer.ts'
import type { Backup, Claim } from './backup.ts'
import { BackupError } from './backupError.ts'
import { dataOf, serverIn } from './dataDirectory.ts'
import { claimNameOf, materialNames, neededSecrets } from './material.ts'
import { portable } from './portable.ts'
import type { Tell } from './progress.ts'

export interface CollectEdges {
  readonly client: Client
  readonly streams: PodStreams
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly productVersion: string
  /** Where the key server runs; undefined: where the KeyServer says. */
  readonly releaseNamespace: string | undefined
  readonly signal: AbortSignal
  readonly tell: Tell
}

type Edges = CollectEdges & { readonly releaseNamespace: string }

/**
 * Reads everything that the keys of a stateful key server are made of, while it goes on working: objects, then a data key
 * of the running server, then its data directory. In this order every key that was seen before lies in what is read last.
 *
 * Throws `KeyServerUnknown`, `NotBackedUp` and `Incomplete`, `ApiError`, and `KesError` where the server does not answer.
 */
export async function collectBackup(given: CollectEdges, name: string): Promise<Backup> {
  const { client, tell } = given
  tell('reading the KeyServer')
  const keyServer = await client.get(keyServers, { name })
  if (!keyServer) throw new BackupError('KeyServerUnknown', `there is no KeyServer ${name}`)
  checkCanBeSaved(keyServer)
  const releaseNamespace = given.releaseNamespace ?? namespaceIn(keyServer)
  const edges: Edges = { ...given, releaseNamespace }
  const identities = await identitiesOf(edges, name)
  tell('reading its Secrets')
  const material = await secretsOf(edges, keyServer, identities)
  const claim = await claimOf(edges, claimNameOf(keyServer))
  const pod = await client.get(pods, { namespace: releaseNamespace, name: `${keyServerWorkload(name)}-0` })
  if (!pod)
    throw new BackupError('NotBackedUp', `the key server ${name} does not run: its data is read through its pod`)
  const server = serverIn(pod, name)
  tell('asking the key server to encrypt')
  const { known, liveKeys } = await askServer(edges, keyServer, material)
  const data = await dataOf(edges, pod.metadata.name, server)
  const missing = liveKeys.find((key) => !data.files.has(`enclave/default/key/${key}`))
  if (missing !== undefined)
    throw new BackupError('Incomplete', `the key ${missing} of the running server is not in its data directory`)
  return {
    id: edges.random(8).toString('hex'),
    createdAt: edges.now().toISOString(),
    productVersion: edges.productVersion,
    releaseNamespace,
    server,
    claim,
    keyServer: portable(keyServer),
    secrets: material.map(portable),
    identities: identities.map(portable),
    data,
    known,
  }
}

/** `https://kes-NAME.NAMESPACE.svc:7373`: the address that clients dial names it. */
function namespaceIn({ metadata: { name }, status }: KeyServer): string {
  const [, namespace] = /^https:\/\/[^.]+\.([^.]+)\.svc[.:]/.exec(status?.endpoint ?? '') ?? []
  if (namespace === undefined)
    throw new BackupError('NotBackedUp', `${name} does not say where it runs: name its namespace`)
  return namespace
}

function checkCanBeSaved({ metadata: { name }, spec, status }: KeyServer): void {
  if (!spec.stateful)
    throw new BackupError('NotBackedUp', `${name} keeps no keys itself: back up the key management system behind it`)
  if (status?.initializedAt === undefined)
    throw new BackupError('NotBackedUp', `${name} was not seen with its data yet: there is nothing to back up`)
}

async function identitiesOf({ client }: Edges, keyServer: string): Promise<readonly KesIdentity[]> {
  const { items } = await client.list(kesIdentities)
  return items.filter(({ spec }) => spec.keyServerRef.name === keyServer)
}

/** By label, and by name where somebody took a label away. Never init.yml: with it an empty volume would become a new server. */
async function secretsOf(
  { client, releaseNamespace }: Edges,
  keyServer: KeyServer,
  identities: readonly KesIdentity[],
): Promise<readonly Secret[]> {
  const { name } = keyServer.metadata
  const labelSelector = `${labels.keyServer}=${name}`
  const found = new Map<string, Secret>()
  for (const secret of (await client.list(secrets, { namespace: releaseNamespace, labelSelector })).items)
    found.set(secret.metadata.name, secret)
  const names = materialNames(keyServer)
  for (const wanted of [...Object.values(names), ...identities.map(keptSecretName)]) {
    const secret = found.has(wanted)
      ? undefined
      : await client.get(secrets, { namespace: releaseNamespace, name: wanted })
    if (secret) found.set(wanted, secret)
  }
  found.delete(materialName(name, 'init'))
  const missing = neededSecrets(names).find((wanted) => !found.has(wanted))
  if (missing !== undefined)
    throw new BackupError(
      'Incomplete',
      `the Secret ${missing} is not there: restore it first, a backup without it is worth nothing`,
    )
  return [...found.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

async function claimOf({ client, releaseNamespace }: Edges, name: string): Promise<Claim> {
  const claim = await client.get(persistentVolumeClaims, { namespace: releaseNamespace, name })
  if (!claim) throw new BackupError('Incomplete', `the claim ${name} is not there`)
  const { storageClassName, resources } = claim.spec ?? {}
  return {
    name,
    labels: claim.metadata.labels ?? {},
    size: resources?.requests?.['storage'] ?? '1Gi',
    ...(storageClassName === undefined ? {} : { storageClassName }),
  }
}
