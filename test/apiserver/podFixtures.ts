import { literal, operatorMetadata, pod, podEnv, podMount, podVolume } from '../fixtures/objects.ts'

type Entry = Readonly<Record<string, unknown>>

/** A pod, and in which of the namespaces below it is created. */
export interface PodFixture {
  readonly what: string
  readonly object: Entry
  readonly namespace: string
}

/** Namespaces that ask for different things; each opted in. */
export const namespacesOfFixtures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'team-a': {},
  'team-key': { 'kes-injector.io/key-name': 'team-key_own' },
  'team-bad-key': { 'kes-injector.io/key-name': 'other_own' },
  'team-server': { 'kes-injector.io/key-server': 'second' },
  'team-unknown': { 'kes-injector.io/key-server': 'nowhere' },
  'team-stranger': { 'kes-injector.io/key-server': 'choosy' },
  'team-chosen': { 'kes-injector.io/key-server': 'choosy' },
  'team-granted': { 'kes-injector.io/key-server': 'granting', 'kes-injector.io/key-name': 'minio-default-key' },
  'team-in-pods': { 'kes-injector.io/key-server': 'in-pods' },
}

/** Further labels of those namespaces. */
export const labelsOfFixtures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'team-chosen': { tier: 'gold', region: 'north' },
  'team-stranger': { tier: 'gold' },
}

/** KeyServers beside the default one: another prefix, one that grants keys, one that admits few, and one that runs inside MinIO pods. */
export const keyServersOfFixtures = [
  { name: 'second', spec: { stateful: {}, keyPrefix: 'second-{namespace}_' } },
  {
    name: 'granting',
    spec: {
      stateful: {},
      grants: [
        { namespace: 'team-granted', keys: ['minio-default-key', 'old-*'] },
        { namespace: 'team-a', keys: ['of-team-a'] },
      ],
    },
  },
  { name: 'in-pods', spec: { server: { placement: 'Sidecar', keystoreSecretRef: { name: 'keystore' } } } },
  {
    name: 'choosy',
    spec: {
      stateful: {},
      namespaces: {
        selector: {
          matchLabels: { tier: 'gold' },
          matchExpressions: [
            { key: 'region', operator: 'In', values: ['north', 'south'] },
            { key: 'tier', operator: 'NotIn', values: ['lead'] },
            { key: 'region', operator: 'Exists' },
            { key: 'closed', operator: 'DoesNotExist' },
          ],
        },
      },
    },
  },
].map(({ name, spec }) => ({ apiVersion: 'kes-injector.io/v1alpha1', kind: 'KeyServer', metadata: { name }, spec }))

const disabled = { 'kes-injector.io/inject': 'disabled' }
const bare = (containers: readonly Entry[], spec: Entry = {}): Entry => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'minio-', namespace: 'team-a' },
  spec: { containers, ...spec },
})
const web: Entry = { name: 'web', image: 'web' }
const minio: Entry = { name: 'minio', image: 'minio' }
const mountAt = (mountPath: string, more: Entry = {}): Entry => ({
  volumeMounts: [{ name: 'data', mountPath, ...more }],
})
const fromSecret = (name: string): Entry => ({ name, valueFrom: { secretKeyRef: { name: 'kms', key: 'key' } } })
const five = podEnv()
const data = { name: 'data', emptyDir: {} }

const inTeamA: readonly (readonly [what: string, object: Entry])[] = [
  ['of a chart', pod()],
  ['without a single list', bare([minio])],
  ['in the second container', bare([web, minio], { volumes: [data] })],
  ['that no token is mounted into', bare([minio], { automountServiceAccountToken: false })],
  ['whose volumes belong to a group', pod({}, { securityContext: { fsGroup: 1000 } })],
  ['with an empty env', pod({ env: [] })],
  ['with variables from elsewhere', pod({ envFrom: [{ secretRef: { name: 'all' } }] })],
  ['that only says how it uses a KMS', pod({ env: [literal('MINIO_KMS_AUTO_ENCRYPTION', 'on')] })],
  ['that names a key of its namespace', pod({}, {}, { 'kes-injector.io/key-name': 'team-a_mine' })],
  ['that names another namespace’s key', pod({}, {}, { 'kes-injector.io/key-name': 'team-b_mine' })],
  ['that names a key that KES does not take', pod({}, {}, { 'kes-injector.io/key-name': 'team-a_a/b' })],
  ['that names the bare prefix as its key', pod({}, {}, { 'kes-injector.io/key-name': 'team-a_' })],
  ['that says which container is MinIO', bare([{ ...web, name: 'storage' }, web], {})],
  ['that opts out', pod({}, {}, disabled)],
  ['with an annotation that means nothing', pod({}, {}, { 'kes-injector.io/inject': 'yes' })],
  ['of the operator', pod({}, {}, {}, operatorMetadata)],
  ['with only the operator’s label', pod({}, {}, {}, { labels: { 'v1.min.io/tenant': 'store' } })],
  [
    'with the operator’s label and another owner',
    pod(
      {},
      {},
      {},
      {
        ...operatorMetadata,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'store-1', uid: '1', controller: true }],
      },
    ),
  ],
  [
    'with the operator’s label and an owner of another name',
    pod(
      {},
      {},
      {},
      {
        ...operatorMetadata,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'shop-1', uid: '1', controller: true }],
      },
    ),
  ],
  ['of the kubelet', bare([minio], { nodeName: 'node', automountServiceAccountToken: false })],
  ['for Windows', bare([minio], { os: { name: 'windows' } })],
  ['for nodes with Windows', pod({}, { nodeSelector: { 'kubernetes.io/os': 'windows' } })],
  ['on the network of the host', pod({}, { hostNetwork: true })],
  [
    'on the network of the host, with cluster DNS',
    pod({}, { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
  ],
  ['with the DNS of its node', pod({}, { dnsPolicy: 'Default' })],
  ['with a static key', pod({ env: [literal('MINIO_KMS_SECRET_KEY', 'a:b')] })],
  ['with a static key from a Secret', pod({ env: [fromSecret('MINIO_KMS_SECRET_KEY')] })],
  ['with a file of a static key', pod({ env: [literal('MINIO_KMS_SECRET_KEY_FILE', '/key')] })],
  ['with MinKMS', pod({ env: [literal('MINIO_KMS_SERVER', 'https://kms')] })],
  ['with an API key for KES', pod({ env: [literal('MINIO_KMS_KES_API_KEY', 'kes:v1:a')] })],
  ['with a KES of its own', pod({ env: [literal('MINIO_KMS_KES_ENDPOINT', 'https://kes.example:7373')] })],
  ['whose KES comes from a Secret', pod({ env: [fromSecret('MINIO_KMS_KES_ENDPOINT')] })],
  ['with files of its own', pod({ env: [literal('MINIO_KMS_KES_CERT_FILE', '/own/tls.crt')] })],
  ['with all that we write', pod({ env: five, volumeMounts: [podMount] }, { volumes: [podVolume()] })],
  [
    'with all that we write and another namespace’s key',
    pod({ env: podEnv('team-b_minio'), volumeMounts: [podMount] }, { volumes: [podVolume()] }),
  ],
  ['with some of what we write', pod({ env: five.slice(0, 3), volumeMounts: [podMount] }, { volumes: [podVolume()] })],
  ['with our volume and nothing else', pod({}, { volumes: [data, podVolume(0o440)] })],
  ['with a key of its namespace in a variable', pod({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'team-a_mine')] })],
  ['with another namespace’s key in a variable', pod({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'team-b_mine')] })],
  ['whose own volume has our name', pod({}, { volumes: [data, { name: 'kes-injector', emptyDir: {} }] })],
  ['with something at our place', pod(mountAt('/run/kes-injector'))],
  ['with something below our place', pod(mountAt('/run/kes-injector/more/'))],
  ['with something above our place', pod(mountAt('/run'))],
  ['with something at our place by another name', pod(mountAt('//var/run/./kes-injector/'))],
  ['with something beside our place', pod(mountAt('/run/kes-injector-2'))],
  [
    'with a device at our place',
    pod({ volumeMounts: [], volumeDevices: [{ name: 'data', devicePath: '/run/kes-injector/disk' }] }),
  ],
]

const annotated = (object: Entry, annotations: Entry): Entry => ({
  ...object,
  metadata: { ...(object['metadata'] as Entry), annotations },
})

const special: Readonly<Record<string, Entry>> = {
  'that says which container is MinIO': { 'kes-injector.io/container': 'storage' },
  'of the kubelet': { 'kubernetes.io/config.mirror': 'hash' },
}

/** Pods as people and controllers create them, and some as nobody should. */
export const podFixtures: readonly PodFixture[] = [
  ...inTeamA.map(([what, object]) => {
    const annotations = special[what]
    return { what, object: annotations ? annotated(object, annotations) : object, namespace: 'team-a' }
  }),
  {
    what: 'whose annotation names no container',
    object: annotated(bare([minio]), { 'kes-injector.io/container': 'none' }),
    namespace: 'team-a',
  },
  { what: 'whose namespace names a key', object: bare([minio]), namespace: 'team-key' },
  {
    what: 'that names another key than its namespace',
    object: annotated(bare([minio]), { 'kes-injector.io/key-name': 'team-key_mine' }),
    namespace: 'team-key',
  },
  { what: 'whose namespace names a foreign key', object: bare([minio]), namespace: 'team-bad-key' },
  { what: 'whose namespace chooses a KeyServer', object: bare([minio]), namespace: 'team-server' },
  { what: 'whose namespace chooses a KeyServer that is not there', object: bare([minio]), namespace: 'team-unknown' },
  { what: 'whose namespace its KeyServer does not admit', object: bare([minio]), namespace: 'team-stranger' },
  { what: 'whose namespace its KeyServer admits by labels', object: bare([minio]), namespace: 'team-chosen' },
  { what: 'whose namespace names a key that it was granted', object: bare([minio]), namespace: 'team-granted' },
  ...['old-1', 'old-', 'old', 'minio-default-key2', 'of-team-a', 'team-granted_own', 'old-*'].map((key) => ({
    what: `whose annotation names ${key} beside grants`,
    object: annotated(bare([minio]), { 'kes-injector.io/key-name': key }),
    namespace: 'team-granted',
  })),
  ...['old-1', 'older'].map((key) => ({
    what: `with ${key} in a variable beside grants`,
    object: pod({ env: [literal('MINIO_KMS_KES_KEY_NAME', key)] }),
    namespace: 'team-granted',
  })),
].map(({ what, object, namespace }) => ({ what, namespace, object: placed(object, namespace) }))

/** The fixtures of the unit tests speak of another release namespace, and are all in team-a. */
function placed(object: Entry, namespace: string): Entry {
  const text = JSON.stringify(object).replaceAll('.kes-system.svc', '.kes-injector.svc')
  const moved = JSON.parse(text) as Entry
  return { ...moved, metadata: { ...(moved['metadata'] as Entry), namespace } }
}
