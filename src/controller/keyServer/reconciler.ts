import { createHash } from 'node:crypto'
import { annotations, keyServerEndpoint, keyServerWorkload } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { initConfig } from '../../kes/initConfig.ts'
import { newUnsealKey } from '../../kes/unsealKey.ts'
import type { Client } from '../../kube/client.ts'
import type { KubeObject, Resource } from '../../kube/object.ts'
import {
  keyServers,
  networkPolicies,
  pods,
  secrets,
  services,
  statefulSets,
  type Secret,
} from '../../kube/resources.ts'
import { createAuthority, issue } from '../../pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../pki/privateKey.ts'
import { broken, found, foundPair, missing, secretText, type Found } from '../found.ts'
import type { KesDoor } from '../kesDoor.ts'
import { keyNameOf } from '../kesIdentity/keyNameOf.ts'
import { issueLeaf } from '../leaf.ts'
import type { Reconciler } from '../reconciler.ts'
import { createSecret, replaceSecret, type SecretContent } from '../secretWriter.ts'
import { foundAuthority, storedAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import { keyServerLabels, materialName, type Material } from './material.ts'
import type { AdminFacts, Observed } from './observed.ts'
import { plan, type Step } from './plan.ts'
import { podFacts } from './podFacts.ts'
import { serverOf } from './server.ts'
import { hashAnnotation, networkPolicyOf, paths, serviceOf, statefulSetOf, type WorkloadSettings } from './workload.ts'

const fieldManager = 'kes-injector'

export interface Edges extends WorkloadSettings {
  readonly client: Client
  readonly door: KesDoor
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly tell: Tell
  readonly clusterDomain: string
  /** The identities that want a key of this server. */
  readonly identitiesOf: (keyServer: string) => readonly KesIdentity[]
}

function unsealFingerprint(secret: Secret | undefined): Found<string> {
  if (!secret) return missing
  const key = secretText(secret, 'key')
  return key === undefined ? broken('there is no `key` in it') : found(createHash('sha256').update(key).digest('hex'))
}

function adminFacts(secret: Secret | undefined): Found<AdminFacts> {
  const pair = foundPair(secret)
  return pair.is === 'found' ? found({ identity: identityOf(pair.value.pem.certificatePem), pair: pair.value }) : pair
}

function appliedState(wanted: KubeObject, live: KubeObject | undefined): 'missing' | 'differs' | 'current' {
  if (!live) return 'missing'
  const [want, have] = [wanted, live].map(({ metadata }) => metadata.annotations?.[hashAnnotation])
  return want === have ? 'current' : 'differs'
}

/** Runs the stateful KES of a KeyServer, its authority and its keys. */
export function keyServerReconciler(edges: Edges): Reconciler<Observed, Step, KeyServerStatus> {
  const { client, door, now, random, tell, releaseNamespace, clusterDomain, identitiesOf } = edges

  const secretOf = (keyServer: string, material: Material) =>
    client.get(secrets, { namespace: releaseNamespace, name: materialName(keyServer, material) })

  const content = (
    keyServer: string,
    material: Material,
    rest: Pick<SecretContent, 'type' | 'data' | 'immutable'>,
  ): SecretContent => ({
    namespace: releaseNamespace,
    name: materialName(keyServer, material),
    labels: keyServerLabels(keyServer),
    ...rest,
  })

  const dnsNamesOf = (keyServer: string) => {
    const service = keyServerWorkload(keyServer)
    return [
      `${service}.${releaseNamespace}.svc`,
      `${service}.${releaseNamespace}.svc.${clusterDomain}`,
      `${service}.${releaseNamespace}`,
      service,
    ]
  }

  const authorityOf = (keyServer: string) =>
    storedAuthority(client, { namespace: releaseNamespace, name: materialName(keyServer, 'authority-1') })

  const namespacesOf = (keyServer: string): readonly string[] =>
    [...new Set(identitiesOf(keyServer).map(({ metadata }) => metadata.namespace))].sort()

  /** Declared ones, and those of identities that were issued: whoever only asks for an identity gets no key yet. */
  function wantedKeys(keyServer: KeyServer): readonly string[] {
    const ofIdentities = identitiesOf(keyServer.metadata.name)
      .filter(({ status }) => status?.identity !== undefined)
      .map((identity) => keyNameOf(identity, keyServer))
      .flatMap(({ keyName, problem }) => (problem === undefined ? [keyName] : []))
    return [...new Set([...keyServer.spec.keys, ...ofIdentities])]
  }

  async function makeAuthority(name: string, keyServer: KeyServer): Promise<void> {
    const { certificatePem, key } = createAuthority({
      commonName: `kes-injector ${name} authority`.slice(0, 64),
      lifetimeMs: durationMs(keyServer.spec.certificates.authority),
      now: now(),
    })
    await createSecret(
      client,
      content(name, 'authority-1', {
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': certificatePem, 'tls.key': privateKeyPem(key) },
        immutable: true,
      }),
    )
  }

  /** A stateful KES looks at an administrator's public key only, and no route changes it: the certificate may live as long as the authority. */
  async function makeAdmin(name: string, admin: 'system' | 'enclave', keyServer: KeyServer): Promise<void> {
    const key = generatePrivateKey()
    const certificatePem = issue(await authorityOf(name), {
      commonName: `kes-injector ${admin} admin`,
      usages: ['client'],
      key,
      lifetimeMs: durationMs(keyServer.spec.certificates.authority),
      now: now(),
    })
    await createSecret(
      client,
      content(name, `${admin}-admin`, {
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': certificatePem, 'tls.key': privateKeyPem(key) },
        immutable: true,
      }),
    )
  }

  async function issueServerCertificate(name: string, observed: Observed): Promise<void> {
    const pair = issueLeaf(await authorityOf(name), observed.serverCertificate, {
      commonName: 'kes-injector key server',
      usages: ['server'],
      dnsNames: observed.dnsNames,
      lifetimeMs: durationMs(observed.keyServer.spec.certificates.server),
      now: now(),
    })
    const next = content(name, 'server', {
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem },
    })
    const current = await secretOf(name, 'server')
    if (current) await replaceSecret(client, current, next)
    else await createSecret(client, next)
  }

  /** The Secret is immutable in its data; what it says of itself may be added. */
  async function markInitialized(name: string, at: string | undefined): Promise<void> {
    const secret = await secretOf(name, 'unseal')
    if (!secret || at === undefined) return
    const said = { ...secret.metadata.annotations, [annotations.initializedAt]: at }
    await client.update(secrets, { ...secret, metadata: { ...secret.metadata, annotations: said } })
  }

  function initYaml({ systemAdmin, enclaveAdmin }: Observed): string {
    if (systemAdmin.is !== 'found' || enclaveAdmin.is !== 'found') throw new Error('an administrator went away')
    return initConfig({
      tls: { certificatePath: `${paths.tls}/tls.crt`, keyPath: `${paths.tls}/tls.key` },
      systemAdmin: systemAdmin.value.identity,
      enclaveAdmin: enclaveAdmin.value.identity,
    })
  }

  const apply = async (resource: Resource, object: KubeObject) => {
    await client.apply(resource, object, { fieldManager, force: true })
  }

  return {
    name: 'keyServer',
    plan,
    async observe(name) {
      const keyServer = await client.get(keyServers, { name })
      if (!keyServer?.spec.stateful) return undefined
      const workload = { namespace: releaseNamespace, name: keyServerWorkload(name) }
      const [authority, unseal, system, enclave, server, init, service, statefulSet, networkPolicy, pod] =
        await Promise.all([
          secretOf(name, 'authority-1'),
          secretOf(name, 'unseal'),
          secretOf(name, 'system-admin'),
          secretOf(name, 'enclave-admin'),
          secretOf(name, 'server'),
          secretOf(name, 'init'),
          client.get(services, workload),
          client.get(statefulSets, workload),
          client.get(networkPolicies, workload),
          client.get(pods, { namespace: releaseNamespace, name: `${workload.name}-0` }),
        ])
      const facts = pod && podFacts(pod)
      return {
        keyServer,
        status: keyServer.status ?? {},
        endpoint: keyServerEndpoint(name, releaseNamespace),
        dnsNames: dnsNamesOf(name),
        authority: foundAuthority(authority),
        unsealKey: unsealFingerprint(unseal),
        markedAt: unseal?.metadata.annotations?.[annotations.initializedAt],
        systemAdmin: adminFacts(system),
        enclaveAdmin: adminFacts(enclave),
        serverCertificate: foundPair(server),
        initConfig: init !== undefined,
        service: appliedState(serviceOf(keyServer, edges), service),
        statefulSet: appliedState(statefulSetOf(keyServer, edges), statefulSet),
        networkPolicy: edges.networkPolicies
          ? appliedState(networkPolicyOf(keyServer, edges, namespacesOf(name)), networkPolicy)
          : 'current',
        pod: facts,
        server: await serverOf(door, keyServer, facts),
        wantedKeys: wantedKeys(keyServer),
      }
    },
    async writeStatus({ keyServer }, status) {
      await client.updateStatus<KeyServer>(keyServers, { ...keyServer, status })
    },
    async act(step, observed) {
      const { keyServer } = observed
      const { name } = keyServer.metadata
      switch (step.do) {
        case 'createAuthority':
          return makeAuthority(name, keyServer)
        case 'createUnsealKey':
          return createSecret(client, content(name, 'unseal', { data: { key: newUnsealKey(random) }, immutable: true }))
        case 'createAdmin':
          return makeAdmin(name, step.admin, keyServer)
        case 'issueServerCertificate':
          return issueServerCertificate(name, observed)
        case 'writeInitConfig':
          return createSecret(client, content(name, 'init', { data: { 'init.yml': initYaml(observed) } }))
        case 'removeInitConfig':
          await client.delete(secrets, { namespace: releaseNamespace, name: materialName(name, 'init') })
          return
        case 'applyService':
          return apply(services, serviceOf(keyServer, edges))
        case 'applyNetworkPolicy':
          return apply(networkPolicies, networkPolicyOf(keyServer, edges, namespacesOf(name)))
        case 'markInitialized':
          return markInitialized(name, observed.status.initializedAt)
        case 'applyStatefulSet':
          return apply(statefulSets, statefulSetOf(keyServer, edges))
        case 'createKey': {
          await door.asAdmin(keyServer, async (kes) => {
            // A creation of a key that exists replaces it after a restart, and what it encrypted is lost: ask first, every time (facts: KES 0.2).
            if ((await kes.describeKey(step.key)) === undefined) await kes.createKey(step.key)
          })
          tell(keyServer, 'Normal', 'KeyCreated', `made the key ${step.key}`)
        }
      }
    },
  }
}
