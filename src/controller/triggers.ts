import { labels } from '../api/names.ts'
import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer, KeyServerSpec } from '../api/keyServer.ts'
import { objectKey, type KubeObject } from '../kube/object.ts'
import type { Change } from '../kube/store.ts'
import { namespaceOfMaterial } from './tenant/names.ts'
import { isOfSpec } from './tenant/watch.ts'

/** The reconcilers and the keys of their queues. */
export type Controller =
  'servingCertificate' | 'keyServer' | 'kesIdentity' | 'namespace' | 'sidecar' | 'tenant' | 'watchdog'

export type Wake = readonly [Controller, string]

/** The one key of the serving certificate's queue. */
export const servingKey = 'webhook'

const keptSecret = /^identity\.([^.]+)\.([^.]+)$/

const secretsNamedBy = ({ server, external }: KeyServerSpec): readonly string[] =>
  [server?.keystoreSecretRef, server?.environmentSecretRef, external?.caSecretRef, external?.adminSecretRef].flatMap(
    (ref) => ref?.name ?? [],
  )

/** What each kind of change is worth looking at again. Pure: which keys a changed object touches. */
export const triggers = {
  namespace: (changed: KubeObject, identities: readonly KesIdentity[]): readonly Wake[] => [
    ['namespace', changed.metadata.name],
    // A KeyServer's selector reads the labels of namespaces.
    ...identities
      .filter(({ metadata }) => metadata.namespace === changed.metadata.name)
      .map((identity) => ['kesIdentity', objectKey(identity)] as const),
  ],
  keyServer: (changed: KubeObject, identities: readonly KesIdentity[]): readonly Wake[] => [
    ['keyServer', changed.metadata.name],
    ['watchdog', changed.metadata.name],
    ...identities
      .filter(({ spec }) => spec.keyServerRef.name === changed.metadata.name)
      .flatMap((identity): readonly Wake[] => [
        ['kesIdentity', objectKey(identity)],
        ['sidecar', identity.metadata.namespace],
      ]),
  ],
  kesIdentity: (changed: KesIdentity): readonly Wake[] => [
    ['kesIdentity', objectKey(changed)],
    // Its key is made by the key server's reconciler, and a deleted identity of an opted-in namespace is made again.
    ['keyServer', changed.spec.keyServerRef.name],
    ['namespace', changed.metadata.namespace],
    ['sidecar', changed.metadata.namespace],
  ],
  keyServerPod: ({ metadata }: KubeObject): readonly Wake[] => {
    const keyServer = metadata.labels?.[labels.keyServer]
    return keyServer === undefined ? [] : [['keyServer', keyServer]]
  },
  /** The operator writes a Tenant's status every five seconds: only a change of its spec counts. */
  tenant: (change: Change<KubeObject>): readonly Wake[] =>
    isOfSpec(change) ? [['tenant', change.object.metadata.namespace ?? '']] : [],
  /** A Secret beside a Tenant, or one of its material in the release namespace. */
  tenantSecret: ({ metadata }: KubeObject): readonly Wake[] => [['tenant', metadata.namespace ?? '']],
  tenantRecord: ({ metadata }: KubeObject): readonly Wake[] => {
    const namespace = namespaceOfMaterial(metadata.name)
    return namespace === undefined ? [] : [['tenant', namespace]]
  },
  releaseSecret: ({ metadata }: KubeObject): readonly Wake[] => {
    const tenantNamespace = namespaceOfMaterial(metadata.name)
    if (tenantNamespace !== undefined) return [['tenant', tenantNamespace]]
    const [, namespace, name] = keptSecret.exec(metadata.name) ?? []
    if (namespace !== undefined && name !== undefined) return [['kesIdentity', `${namespace}/${name}`]]
    if (metadata.labels?.[labels.component] === 'webhook') return [['servingCertificate', servingKey]]
    const keyServer = metadata.labels?.[labels.keyServer]
    return keyServer === undefined ? [] : [['keyServer', keyServer]]
  },
  /** A Secret of a person's in the release namespace, which KeyServers may name. */
  namedSecret: ({ metadata }: KubeObject, keyServers: readonly KeyServer[]): readonly Wake[] =>
    keyServers
      .filter(({ spec }) => secretsNamedBy(spec).includes(metadata.name))
      .map((keyServer) => ['keyServer', keyServer.metadata.name] as const),
  workloadSecret: ({ metadata }: KubeObject, identities: readonly KesIdentity[]): readonly Wake[] =>
    identities
      .filter((each) => each.metadata.namespace === metadata.namespace && each.spec.secretName === metadata.name)
      .map((identity) => ['kesIdentity', objectKey(identity)] as const),
  /** An identity waits for it, and it is written again where somebody deleted it. */
  sidecarSecret: ({ metadata }: KubeObject, identities: readonly KesIdentity[]): readonly Wake[] => [
    ['sidecar', metadata.namespace ?? ''],
    ...identities
      .filter((each) => each.metadata.namespace === metadata.namespace)
      .map((identity) => ['kesIdentity', objectKey(identity)] as const),
  ],
  webhookConfiguration: (): readonly Wake[] => [['servingCertificate', servingKey]],
} as const
