import {
  connectedTenant,
  literal,
  operatorMetadata,
  ourEntry,
  podEnv,
  podMount,
  podVolume,
  tenant,
  tenantEnv,
  usersEntry,
} from '../../fixtures/objects.ts'
import { reviewOf, tenantUpdate } from '../../fixtures/requests.ts'
import { asObject, canary, deny, inject, ofPod, ofTenant, skip, type BadReview } from './badReview.ts'

const entries = (count: number): readonly object[] => Array.from({ length: count }, (_, at) => literal(`V${at}`, 'x'))

const objects: readonly BadReview[] = [
  { row: 48, what: 'no spec', body: asObject({ kind: 'Pod', metadata: {} }), answer: skip('Malformed') },
  ...[null, {}, 'x', 7].map((containers) => ({
    row: 48,
    what: `containers that are ${JSON.stringify(containers)}`,
    body: ofPod({}, { containers }),
    answer: skip('Malformed'),
  })),
  { row: 48, what: 'an empty list of containers', body: ofPod({}, { containers: [] }), answer: skip('NotMinio') },
  {
    row: 49,
    what: 'no metadata',
    body: asObject({ kind: 'Pod', spec: { containers: [{ name: 'minio' }] } }),
    answer: inject(3),
  },
  {
    row: 49,
    what: 'null instead of lists',
    body: ofPod({ env: null, volumeMounts: null }, { volumes: null }),
    answer: inject(3),
  },
  {
    row: 50,
    what: 'slashes and tildes in keys',
    body: ofPod({}, {}, { 'a/b~c': canary, '~1~0': '/' }),
    answer: inject(7),
  },
  {
    row: 51,
    what: 'a pod that has all of ours',
    body: ofPod({ env: [...podEnv()], volumeMounts: [podMount] }, { volumes: [podVolume()] }),
    answer: skip('AlreadyInjected'),
  },
  {
    row: 51,
    what: 'a pod that has half of ours',
    body: ofPod({ env: podEnv().slice(0, 2), volumeMounts: [podMount] }),
    answer: inject(4),
  },
  {
    row: 51,
    what: 'an older mode of our volume',
    body: ofPod({ env: [...podEnv()], volumeMounts: [podMount] }, { volumes: [podVolume(0o400)] }),
    answer: skip('AlreadyInjected'),
  },
  {
    row: 52,
    what: 'a volume of the user’s with our name',
    body: ofPod({}, { volumes: [{ name: 'kes-injector', emptyDir: {} }] }),
    answer: deny('NameCollision'),
  },
  ...[
    '/run/kes-injector',
    '/run/kes-injector/tls.crt',
    '/run',
    '/',
    '/var/run//kes-injector/',
    '/run/x/../kes-injector',
  ].map((mountPath) => ({
    row: 53,
    what: `something mounted at ${mountPath}`,
    body: ofPod({ volumeMounts: [{ name: 'data', mountPath }] }),
    answer: deny('MountCollision'),
  })),
  {
    row: 54,
    what: 'our names from elsewhere',
    body: ofPod({ env: [{ name: 'MINIO_KMS_KES_ENDPOINT', valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } }] }),
    answer: skip('UserManagedKms'),
  },
  {
    row: 54,
    what: 'a reference to a variable',
    body: ofPod({ env: [literal('MINIO_KMS_KES_ENDPOINT', '$(KES)')] }),
    answer: skip('UserManagedKms'),
  },
  {
    row: 54,
    what: 'envFrom, which is told of',
    body: ofPod({ envFrom: [{ secretRef: { name: 'x' } }] }),
    answer: inject(7),
  },
  {
    row: 55,
    what: 'MinIO that is a sidecar only',
    body: ofPod(
      { name: 'web' },
      { initContainers: [{ name: 'minio', restartPolicy: 'Always' }], ephemeralContainers: [{ name: 'minio' }] },
    ),
    answer: skip('NotMinio'),
  },
  {
    row: 56,
    what: 'the network of the host without its DNS',
    body: ofPod({}, { hostNetwork: true }),
    answer: skip('NoClusterDns'),
  },
  { row: 56, what: 'Windows', body: ofPod({}, { os: { name: 'windows' } }), answer: skip('UnsupportedPlatform') },
  {
    row: 56,
    what: 'a mirror pod',
    body: ofPod({}, {}, { 'kubernetes.io/config.mirror': 'x' }),
    answer: skip('MirrorPod'),
  },
  {
    row: 56,
    what: 'a pod that goes',
    body: ofPod({}, {}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    answer: skip('Deleting'),
  },
  {
    row: 57,
    what: 'a pod that claims to be a Tenant’s: the identity of its own namespace, like any other',
    body: ofPod({}, {}, {}, { labels: { 'v1.min.io/tenant': 'other' } }),
    answer: inject(7),
  },
  {
    row: 57,
    what: 'a pod that imitates the operator’s entirely: nothing',
    body: ofPod({}, {}, {}, operatorMetadata),
    answer: skip('OperatorPod'),
  },
  { row: 58, what: 'thirty thousand variables', body: ofPod({ env: entries(30_000) }), answer: inject(7) },
]

const domain: readonly BadReview[] = [
  ...['MINIO_KMS_SECRET_KEY', 'MINIO_KMS_SECRET_KEY_FILE'].flatMap((name) => [
    {
      row: 59,
      what: `${name} in a pod`,
      body: ofPod({ env: [literal(name, canary)] }),
      answer: skip('UserManagedKms'),
    },
    {
      row: 59,
      what: `${name} in a Tenant`,
      body: ofTenant({ env: [literal(name, canary)] }),
      answer: skip('UserManagedKms'),
    },
  ]),
  {
    row: 60,
    what: 'an API key for KES',
    body: ofPod({ env: [literal('MINIO_KMS_KES_API_KEY', canary)] }),
    answer: skip('UserManagedKms'),
  },
  {
    row: 61,
    what: 'MinKMS',
    body: ofPod({ env: [literal('MINIO_KMS_SERVER', canary)] }),
    answer: skip('UserManagedKms'),
  },
  {
    row: 62,
    what: 'a Tenant whose KES the operator runs',
    body: reviewOf(tenantUpdate(tenant({ kes: {} }), tenant({}))),
    answer: skip('OperatorRunsKes'),
  },
  {
    row: 63,
    what: 'another key of the namespace’s, which stays',
    body: ofTenant({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'team-a_other')] }),
    answer: inject(5),
  },
  {
    row: 63,
    what: 'a key of another namespace’s',
    body: ofTenant({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'team-b_key')] }),
    answer: deny('KeyNameInvalid'),
  },
  {
    row: 64,
    what: 'an entry before ours that comes',
    body: reviewOf(
      tenantUpdate(connectedTenant(), tenant({ env: tenantEnv(0), externalClientCertSecrets: [usersEntry, ourEntry] })),
    ),
    answer: { reason: 'Repaired', operations: 3 },
  },
  {
    row: 64,
    what: 'an entry before ours that goes',
    body: reviewOf(
      tenantUpdate(connectedTenant(), tenant({ env: tenantEnv(1), externalClientCertSecrets: [ourEntry] })),
    ),
    answer: { reason: 'Repaired', operations: 3 },
  },
  {
    row: 65,
    what: 'an update that drops all of ours',
    body: reviewOf(tenantUpdate(connectedTenant(), tenant())),
    answer: { reason: 'Repaired', operations: 2 },
  },
  {
    row: 66,
    what: 'opting a connected Tenant out',
    body: reviewOf(tenantUpdate(connectedTenant(), tenant({}, { 'kes-injector.io/inject': 'disabled' }))),
    answer: { reason: 'Repaired', operations: 2 },
  },
  {
    row: 67,
    what: 'a Secret that is missing, half-written, expired or mismatched',
    notApplicable:
      'the webhook may read no Secret: the kubelet holds the pod back until all three files are there, and the controller writes the Secret only after a real call with it has succeeded',
  },
  {
    row: 68,
    what: 'two versions of the webhook in turn',
    notApplicable:
      'there is one version so far: that the same review gets the same bytes is tested below, and test/fixtures/injection holds the patches that later versions must give',
  },
]

/** Rows 48 to 68: good reviews of objects that are not what they should be. */
export const badObjects: readonly BadReview[] = [...objects, ...domain]
