import fc from 'fast-check'
import { kesVariableOrder, kesVariables } from '../../src/minio/environment.ts'
import { ourAuthority, ourEntry, podEnv, podMount, podVolume, tenantEnv, usersEntry } from '../fixtures/objects.ts'

export type Json = Record<string, unknown>

/** Texts that break careless code. */
const hostileText = fc.constantFrom(
  '',
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  'a/b',
  'a~b',
  '~1',
  '\u0000',
  '"',
  '\n',
  '$(X)',
  '🪣',
  'x'.repeat(300),
)
const anyText = fc.oneof(hostileText, fc.string({ maxLength: 12 }))
// fast-check's own JSON has `__proto__` as a key too; parsing it makes an own member of it, as on the wire.
export const anyJson = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown)

export const known = kesVariableOrder.map((each) => kesVariables[each])
const envName = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('MINIO_REGION', 'A', 'PATH', 'MINIO_CONFIG_ENV_FILE', 'MINIO_KMS_AUTO_ENCRYPTION'),
  },
  { weight: 1, arbitrary: fc.constantFrom(...known, 'MINIO_KMS_SECRET_KEY', 'MINIO_KMS_KES_API_KEY') },
  { weight: 1, arbitrary: anyText },
)
const envEntry = fc.oneof(
  { weight: 8, arbitrary: fc.record({ name: envName, value: anyText }) },
  { weight: 1, arbitrary: fc.record({ name: envName }) },
  { weight: 1, arbitrary: fc.record({ name: envName, valueFrom: fc.record({ secretKeyRef: anyJson }) }) },
  { weight: 1, arbitrary: anyJson },
)
/** What we once wrote, whole or in part, at some index, among what the user has. */
const usersEnv = fc.array(envEntry, { maxLength: 8 })
const harmlessEnv = fc.array(fc.record({ name: fc.constantFrom('A', 'B', 'MINIO_REGION'), value: anyText }), {
  maxLength: 6,
})
const mixed = (ours: readonly Json[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    usersEnv,
    fc.constantFrom(null, undefined),
    fc
      .tuple(harmlessEnv, fc.subarray([...ours]), harmlessEnv)
      .map(([before, some, after]) => [...before, ...some, ...after]),
    anyJson,
  )
const annotations = fc.oneof(
  fc.constant({}),
  fc.dictionary(
    fc.constantFrom(
      'kes-injector.io/inject',
      'kes-injector.io/key-name',
      'kes-injector.io/container',
      'kes-injector.io/mount',
      '__proto__',
      'a/b~c',
    ),
    fc.oneof(fc.constantFrom('enabled', 'disabled', 'team-a_x', 'minio', 'additionalVolumes'), anyText),
  ),
  anyJson,
)

export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** A certificate reference: ours, somebody's, or nonsense. */
const reference = (ours: Json): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constant(ours), fc.constantFrom(null, undefined), fc.constant(usersEntry), anyJson)
const operatorKes = fc.oneof(
  { weight: 1, arbitrary: anyJson },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        kesSecret: fc.constant({ name: 'x' }),
        externalCertSecret: reference({ name: 'kes-tenant-server', type: 'kubernetes.io/tls' }),
        env: harmlessEnv,
        keyName: anyText,
      },
      { requiredKeys: ['kesSecret'] },
    ),
  },
)
const capath = (index: number): Json => ({ name: 'MINIO_KMS_KES_CAPATH', value: `/tmp/certs/CAs/ca-${index}.crt` })
const listOf = (...entries: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.array(fc.oneof(...entries.map((each) => fc.constant(each)), anyJson), { maxLength: 3 }),
    fc.constant(null),
  )

export const tenants: fc.Arbitrary<Json> = fc
  .record({
    kind: fc.constant('Tenant'),
    metadata: fc.oneof(fc.record({ name: anyText, annotations }), anyJson),
    spec: fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record(
          {
            pools: anyJson,
            env: fc.oneof(
              fc.integer({ min: 0, max: 3 }).chain((index) => mixed(tenantEnv(index))),
              mixed(podEnv()),
              fc.integer({ min: 0, max: 3 }).chain((index) => mixed([capath(index)])),
              harmlessEnv,
            ),
            externalClientCertSecrets: fc.oneof(
              fc.array(fc.oneof(fc.constant(ourEntry), fc.constant(usersEntry), anyJson), { maxLength: 4 }),
              fc.constant(null),
              anyJson,
            ),
            externalCaCertSecret: listOf(ourAuthority, usersEntry),
            externalClientCertSecret: reference({ name: 'kes-tenant-client', type: 'kubernetes.io/tls' }),
            additionalVolumes: listOf(podVolume(0o440), { name: 'own', emptyDir: {} }),
            additionalVolumeMounts: listOf(podMount, { name: 'own', mountPath: '/own' }),
            unknownField: anyJson,
            kes: operatorKes,
          },
          { requiredKeys: ['pools'] },
        ),
      },
      { weight: 1, arbitrary: anyJson },
    ),
  })
  .map(asJson)

const container = fc.record(
  {
    name: fc.oneof({ weight: 4, arbitrary: fc.constant('minio') }, { weight: 1, arbitrary: anyText }),
    env: mixed(podEnv()),
    envFrom: fc.oneof(fc.constant([]), anyJson),
    volumeMounts: fc.oneof(
      fc.array(
        fc.oneof(
          fc.constant(podMount),
          fc.record({ name: anyText, mountPath: fc.oneof(anyText, fc.constantFrom('/data', '/run', '/var/run/x')) }),
        ),
        { maxLength: 4 },
      ),
      fc.constant(null),
      anyJson,
    ),
    resources: anyJson,
  },
  { requiredKeys: ['name'] },
)
export const pods: fc.Arbitrary<Json> = fc
  .record({
    kind: fc.constant('Pod'),
    metadata: fc.oneof(fc.record({ annotations, labels: annotations }), anyJson),
    spec: fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record(
          {
            containers: fc.oneof(
              { weight: 8, arbitrary: fc.array(container, { maxLength: 4 }) },
              { weight: 1, arbitrary: anyJson },
            ),
            initContainers: fc.array(container, { maxLength: 2 }),
            volumes: fc.oneof(
              fc.array(fc.oneof(fc.constant(podVolume()), fc.record({ name: anyText }), anyJson), { maxLength: 4 }),
              fc.constant(null),
              anyJson,
            ),
            securityContext: fc.oneof(fc.constant({ fsGroup: 1 }), anyJson),
            unknownField: anyJson,
          },
          { requiredKeys: ['containers'] },
        ),
      },
      { weight: 1, arbitrary: anyJson },
    ),
  })
  .map(asJson)
