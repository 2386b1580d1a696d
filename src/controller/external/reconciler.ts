import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import { KesError } from '../../kes/kesError.ts'
import type { Client } from '../../kube/client.ts'
import { keyServers, secrets } from '../../kube/resources.ts'
import { issue } from '../../pki/authority.ts'
import type { PairPem } from '../../pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../pki/privateKey.ts'
import { materialName } from '../keyServer/material.ts'
import { pairMaker } from '../keyServer/pairMaker.ts'
import { externalTrust } from '../keyServer/trust.ts'
import { wantedKeys } from '../keyServer/wantedKeys.ts'
import type { Reconciler } from '../reconciler.ts'
import { foundAuthority, storedAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import type { ExternalDoor } from './externalDoor.ts'
import type { Admin, Endpoint, Observed } from './observed.ts'
import { plan, type Step } from './plan.ts'

export interface Edges {
  readonly client: Client
  readonly door: ExternalDoor
  readonly now: () => Date
  readonly tell: Tell
  readonly releaseNamespace: string
  readonly identitiesOf: (keyServer: string) => readonly KesIdentity[]
}

/** A pair that lives for as long as one look takes, under our authority: who it is does not matter to `/version`. */
const probeLifetimeMs = 3_600_000

/** Looks after a KeyServer that somebody else runs: is it there, does it know our administrator, are the keys there. */
export function externalReconciler({
  client,
  door,
  now,
  tell,
  releaseNamespace,
  identitiesOf,
}: Edges): Reconciler<Observed, Step, KeyServerStatus> {
  const make = pairMaker({ client, now, releaseNamespace })
  const authorityRef = ({ metadata }: KeyServer) => ({
    namespace: releaseNamespace,
    name: materialName(metadata.name, 'authority-1'),
  })

  async function probePair(keyServer: KeyServer): Promise<PairPem> {
    const key = generatePrivateKey()
    const certificatePem = issue(await storedAuthority(client, authorityRef(keyServer)), {
      commonName: 'kes-injector probe',
      usages: ['client'],
      key,
      lifetimeMs: probeLifetimeMs,
      now: now(),
    })
    return { certificatePem, keyPem: privateKeyPem(key) }
  }

  async function endpointOf(keyServer: KeyServer, url: string, pair: PairPem | undefined): Promise<Endpoint> {
    if (!pair) return { url, answer: { is: 'unreachable', why: 'not asked yet' } }
    try {
      return await door.at(url).as(keyServer, pair, async (kes) => {
        const version = await kes.version().catch((error: unknown) => {
          // Whoever is refused has been answered.
          if (error instanceof KesError && error.code === 'NotAllowed') return undefined
          throw error
        })
        return { url, answer: { is: 'answering', version, certificateNotAfter: kes.peerCertificate()?.notAfter } }
      })
    } catch (error) {
      if (error instanceof KesError) return { url, answer: { is: 'unreachable', why: error.message } }
      throw error
    }
  }

  /** Describes one key after the other: many at once into a cold memory end a stateful KES (facts: KES A.3). */
  async function adminOf(keyServer: KeyServer, url: string | undefined, keys: readonly string[]): Promise<Admin> {
    if (!keyServer.spec.external?.adminSecretRef || url === undefined) return { is: 'none' }
    try {
      const dialect = await door.dialect(keyServer, url)
      return await door.at(url).asAdmin(keyServer, async (kes) => {
        const there: string[] = []
        const gone: string[] = []
        for (const key of keys) ((await kes.describeKey(key)) === undefined ? gone : there).push(key)
        return { is: 'known', dialect, keys: { there, missing: gone } }
      })
    } catch (error) {
      if (!(error instanceof KesError)) throw error
      return error.code === 'NotAllowed' ? { is: 'refused' } : { is: 'unknown', why: error.message }
    }
  }

  return {
    name: 'keyServer',
    plan,
    async observe(name) {
      const keyServer = await client.get(keyServers, { name })
      if (!keyServer?.spec.external) return undefined
      const [trust, authoritySecret] = await Promise.all([
        externalTrust(client, releaseNamespace, keyServer),
        client.get(secrets, authorityRef(keyServer)),
      ])
      const authority = foundAuthority(authoritySecret)
      const pair = authority.is === 'found' && trust.is === 'found' ? await probePair(keyServer) : undefined
      const wanted = wantedKeys(keyServer, identitiesOf(name))
      const endpoints: Endpoint[] = []
      for (const url of keyServer.spec.external.endpoints) endpoints.push(await endpointOf(keyServer, url, pair))
      const keys = [...new Set([...wanted, ...(keyServer.status?.keys ?? [])])]
      return {
        keyServer,
        status: keyServer.status ?? {},
        trust,
        authority,
        endpoints,
        admin: await adminOf(keyServer, endpoints[0]?.url, keys),
        wantedKeys: wanted,
      }
    },
    async writeStatus({ keyServer }, status) {
      await client.updateStatus<KeyServer>(keyServers, { ...keyServer, status })
    },
    async act(step, { keyServer, endpoints }) {
      switch (step.do) {
        case 'createAuthority':
          return make.authority(keyServer)
        case 'createKey': {
          const [first] = endpoints
          if (!first) return
          await door.at(first.url).asAdmin(keyServer, async (kes) => {
            // A creation of a key that exists replaces it on a stateful KES: ask first, every time (facts: KES 0.2).
            if ((await kes.describeKey(step.key)) === undefined) await kes.createKey(step.key)
          })
          tell(keyServer, 'Normal', 'KeyCreated', `made the key ${step.key}`)
        }
      }
    },
  }
}
