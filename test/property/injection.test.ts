import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import jsonpatch, { type Operation as JsonPatchOperation } from 'fast-json-patch'
import { describe, expect, it } from 'vitest'
import type { AdmissionRequest } from '../../src/injection/context.ts'
import { decide } from '../../src/injection/decide.ts'
import { apply, type Operation } from '../../src/injection/patch.ts'
import { kesVariableOrder, kesVariables } from '../../src/minio/environment.ts'
import { connectedTenant, ourEntry, podEnv, podMount, podVolume, tenantEnv, usersEntry } from '../fixtures/objects.ts'
import { context, podRequest, tenantRequest, tenantUpdate } from '../fixtures/requests.ts'

type Json = Record<string, unknown>

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
const anyJson = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown)

const known = kesVariableOrder.map((each) => kesVariables[each])
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
      '__proto__',
      'a/b~c',
    ),
    fc.oneof(fc.constantFrom('enabled', 'disabled', 'team-a_x', 'minio'), anyText),
  ),
  anyJson,
)

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

const tenants: fc.Arbitrary<Json> = fc
  .record({
    kind: fc.constant('Tenant'),
    metadata: fc.oneof(fc.record({ name: anyText, annotations }), anyJson),
    spec: fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record(
          {
            pools: anyJson,
            env: fc.integer({ min: 0, max: 3 }).chain((index) => mixed(tenantEnv(index))),
            externalClientCertSecrets: fc.oneof(
              fc.array(fc.oneof(fc.constant(ourEntry), fc.constant(usersEntry), anyJson), { maxLength: 4 }),
              fc.constant(null),
              anyJson,
            ),
            unknownField: anyJson,
            kes: fc.option(anyJson, { freq: 6 }),
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
const pods: fc.Arbitrary<Json> = fc
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

/** Not `toStrictEqual`, which takes an own member called `constructor` for the constructor. */
const same = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    expect(JSON.stringify(actual)).toBe(`deeply equal to ${JSON.stringify(expected)}`)
}

const runs = { numRuns: 3_000 }

/** Applies as fast-json-patch itself does it: a whole copy first, then every operation with validation. */
const reference = (document: unknown, operations: readonly Operation[]): unknown =>
  jsonpatch.applyPatch(structuredClone(document), structuredClone(operations) as JsonPatchOperation[], true).newDocument

const isOurName = (entry: unknown): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  known.includes(String((entry as Json)['name']) as (typeof known)[number])
const usersOf = (list: unknown): readonly unknown[] =>
  Array.isArray(list) ? list.filter((each) => !isOurName(each)) : []

function checkInjection(request: AdmissionRequest, allowed: readonly RegExp[]): unknown {
  const before = structuredClone(request.object)
  const decision = decide(request, context)
  if (decision.outcome !== 'inject') return undefined
  const { operations } = decision
  const after = apply(request.object, operations)
  same(request.object, before)
  same(after, reference(request.object, operations))
  expect(operations.length).toBeGreaterThan(0)
  expect(operations.length).toBeLessThanOrEqual(9)
  for (const { path } of operations)
    expect(
      allowed.some((pattern) => pattern.test(path)),
      path,
    ).toBe(true)
  return after
}

describe('every injected Tenant', () => {
  const allowed = [/^\/spec\/externalClientCertSecrets(\/-)?$/, /^\/spec\/env(\/-)?$/, /^\/spec\/env\/\d+\/value$/]
  const without = (tenant: unknown): unknown => {
    const { env: _env, externalClientCertSecrets: _list, ...rest } = (tenant as { spec: Json }).spec
    return { ...(tenant as Json), spec: rest }
  }
  const files = ['MINIO_KMS_KES_CERT_FILE', 'MINIO_KMS_KES_KEY_FILE', 'MINIO_KMS_KES_CAPATH']
  const check = (request: AdmissionRequest): boolean => {
    const after = checkInjection(request, allowed)
    if (after === undefined) return false
    same(without(after), without(request.object))
    const [was, is] = [(request.object as { spec: Json }).spec, (after as { spec: Json }).spec]
    same(usersOf(is['env']), usersOf(was['env']))
    // What was there keeps its place and, but for the files of a shifted index, its value.
    const env = (was['env'] ?? []) as Json[]
    env.forEach((each, at) => {
      if (!files.includes(String((each as Json | null)?.['name']))) same((is['env'] as unknown[])[at], each)
    })
    expect(
      (is['externalClientCertSecrets'] as unknown[]).slice(
        0,
        ((was['externalClientCertSecrets'] ?? []) as unknown[]).length,
      ),
    ).toStrictEqual(was['externalClientCertSecrets'] ?? [])
    expect(decide({ ...request, object: after }, context).reason).toBe('AlreadyInjected')
    expect(decide(tenantUpdate(after, after), context).reason).toBe('AlreadyInjected')
    return true
  }

  it('keeps all of the user’s, changes only what it may, and is not changed again', () => {
    let injected = 0
    fc.assert(
      fc.property(tenants, (object) => void (injected += Number(check(tenantRequest(object))))),
      runs,
    )
    expect(injected).toBeGreaterThan(runs.numRuns / 20)
  })

  it('gets back what an update of any shape dropped', () => {
    let injected = 0
    const stored = fc.constantFrom(
      connectedTenant(),
      ...[0, 1, 2].map((index) =>
        asJson({
          ...connectedTenant(),
          spec: {
            env: tenantEnv(index),
            externalClientCertSecrets: [...Array<unknown>(index).fill(usersEntry), ourEntry],
          },
        }),
      ),
    )
    fc.assert(
      fc.property(stored, tenants, (before, object) => void (injected += Number(check(tenantUpdate(before, object))))),
      runs,
    )
    expect(injected).toBeGreaterThan(runs.numRuns / 20)
  })
})

describe('a decision', () => {
  it('is made about whatever is sent, without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(tenants, pods, anyJson), fc.oneof(tenants, anyJson), (object, oldObject) => {
        for (const request of [tenantUpdate(oldObject, object), tenantRequest(object), podRequest(object)]) {
          expect(['inject', 'skip', 'deny']).toContain(decide(request, context).outcome)
        }
      }),
      runs,
    )
  })
})

describe('every injected pod', () => {
  const allowed = [
    /^\/spec\/volumes(\/-)?$/,
    /^\/spec\/containers\/\d+\/volumeMounts(\/-)?$/,
    /^\/spec\/containers\/\d+\/env(\/\d)?$/,
  ]
  it('keeps all of the user’s, changes only what it may, and is not changed again', () => {
    let injected = 0
    const check = (object: Json): boolean => {
      const request = podRequest(object)
      const after = checkInjection(request, allowed)
      if (after === undefined) return false
      const [was, is] = [(object as { spec: Json }).spec, (after as { spec: Json }).spec]
      const notOurs = (list: unknown): unknown =>
        Array.isArray(list) ? list.filter((each: unknown) => (each as Json | null)?.['name'] !== 'kes-injector') : list
      const stripped = (spec: Json): unknown => ({
        ...spec,
        volumes: notOurs(spec['volumes'] ?? []),
        containers: (spec['containers'] as (Json | null)[]).map((each) => ({
          ...each,
          env: usersOf(each?.['env']),
          volumeMounts: notOurs(each?.['volumeMounts'] ?? []),
        })),
      })
      same(stripped(is), stripped(was))
      expect(decide(podRequest(after), context).reason).toBe('AlreadyInjected')
      return true
    }
    fc.assert(
      fc.property(pods, (object) => void (injected += Number(check(object)))),
      runs,
    )
    expect(injected).toBeGreaterThan(runs.numRuns / 20)
  })
})
