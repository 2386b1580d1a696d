import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import jsonpatch, { type Operation as JsonPatchOperation } from 'fast-json-patch'
import { describe, expect, it } from 'vitest'
import type { AdmissionRequest } from '../../src/injection/context.ts'
import { decide } from '../../src/injection/decide.ts'
import { apply, type Operation } from '../../src/injection/patch.ts'
import {
  connectedTenant,
  mountedTenant,
  operatorKesTenant,
  ourEntry,
  podVolume,
  tenantEnv,
  usersEntry,
} from '../fixtures/objects.ts'
import { context, inNamespace, podRequest, sidecarContext, tenantRequest, tenantUpdate } from '../fixtures/requests.ts'
import { anyJson, asJson, known, pods, tenants, type Json } from './objects.ts'

/** Not `toStrictEqual`, which takes an own member called `constructor` for the constructor. */
const same = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    expect(JSON.stringify(actual)).toBe(`deeply equal to ${JSON.stringify(expected)}`)
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const runs = { numRuns: 3_000 }

/** Applies as fast-json-patch itself does it: a whole copy first, then every operation with validation. */
const byTheEngine = (document: unknown, operations: readonly Operation[]): unknown =>
  jsonpatch.applyPatch(structuredClone(document), structuredClone(operations) as JsonPatchOperation[], true).newDocument

const isOurName = (entry: unknown): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  known.includes(String((entry as Json)['name']) as (typeof known)[number])
const usersOf = (list: unknown): readonly unknown[] =>
  Array.isArray(list) ? list.filter((each) => !isOurName(each)) : []

function checkInjection(request: AdmissionRequest, allowed: readonly RegExp[], around = context): unknown {
  const before = structuredClone(request.object)
  const decision = decide(request, around)
  if (decision.outcome !== 'inject') return undefined
  const { operations } = decision
  const after = apply(request.object, operations)
  same(request.object, before)
  same(after, byTheEngine(request.object, operations))
  expect(operations.length).toBeGreaterThan(0)
  expect(operations.length).toBeLessThanOrEqual(around === sidecarContext ? 11 : 9)
  for (const { path } of operations)
    expect(
      allowed.some((pattern) => pattern.test(path)),
      path,
    ).toBe(true)
  return after
}

describe('every injected Tenant', () => {
  const lists = ['externalClientCertSecrets', 'externalCaCertSecret', 'additionalVolumes', 'additionalVolumeMounts']
  const allowed = [
    ...lists.map((list) => new RegExp(`^/spec/${list}(/-)?$`)),
    /^\/spec\/env(\/-)?$/,
    /^\/spec\/env\/\d+\/value$/,
    /^\/spec\/externalClientCertSecret$/,
    /^\/spec\/kes\/externalCertSecret$/,
  ]
  const contexts = [context, inNamespace({ 'kes-injector.io/mount': 'additionalVolumes' })]
  const around = fc.constantFrom(...contexts)
  /** A Tenant without all that may be added to. */
  const rest = (tenant: unknown): unknown => {
    const spec = Object.entries((tenant as { spec: Json }).spec).filter(
      ([name]) => !['env', 'externalClientCertSecret', ...lists].includes(name),
    )
    const kes = (tenant as { spec: Json }).spec['kes']
    const { externalCertSecret: _, ...ofKes } = (kes ?? {}) as Json
    return { ...(tenant as Json), spec: { ...Object.fromEntries(spec), ...(isObject(kes) ? { kes: ofKes } : { kes }) } }
  }
  const files = ['MINIO_KMS_KES_CERT_FILE', 'MINIO_KMS_KES_KEY_FILE', 'MINIO_KMS_KES_CAPATH']
  const kinds = new Set<string>()
  const check = (request: AdmissionRequest, surroundings = context): boolean => {
    const after = checkInjection(request, allowed, surroundings)
    if (after === undefined) return false
    same(rest(after), rest(request.object))
    const [was, is] = [(request.object as { spec: Json }).spec, (after as { spec: Json }).spec]
    same(usersOf(is['env']), usersOf(was['env']))
    // What was there keeps its place and, but for the files of a shifted index, its value.
    const env = (was['env'] ?? []) as Json[]
    env.forEach((each, at) => {
      if (!files.includes(String((each as Json | null)?.['name']))) same((is['env'] as unknown[])[at], each)
    })
    for (const list of lists) {
      const [before, now] = [was[list] ?? [], is[list] ?? []]
      same(Array.isArray(before) ? (now as unknown[]).slice(0, before.length) : now, before)
    }
    for (const name of ['externalClientCertSecret'] as const) if (was[name] != null) same(is[name], was[name])
    const [kesWas, kesIs] = [was['kes'], is['kes']] as (Json | null | undefined)[]
    if (kesWas?.['externalCertSecret'] != null) same(kesIs?.['externalCertSecret'], kesWas['externalCertSecret'])
    // Whoever gets our volume gets two lists that the operator uses.
    const volumes = (is['additionalVolumes'] ?? []) as unknown[]
    if (volumes.length > ((was['additionalVolumes'] ?? []) as unknown[]).length)
      expect(volumes.length).toBe((is['additionalVolumeMounts'] as unknown[]).length)
    kinds.add(volumes.some((each) => isDeepStrictEqual(each, podVolume(0o440))) ? 'volume' : 'list')
    if (isObject(kesIs)) kinds.add('kes')
    expect(decide({ ...request, object: after }, surroundings).reason).toBe('AlreadyInjected')
    for (const each of contexts) expect(decide(tenantUpdate(after, after), each).reason).toBe('AlreadyInjected')
    return true
  }

  it('keeps all of the user’s, changes only what it may, and is not changed again', () => {
    let injected = 0
    fc.assert(
      fc.property(tenants, around, (object, at) => void (injected += Number(check(tenantRequest(object), at)))),
      runs,
    )
    expect(injected).toBeGreaterThan(runs.numRuns / 20)
    expect([...kinds].sort()).toEqual(['kes', 'list', 'volume'])
  })

  it('gets back what an update of any shape dropped', () => {
    let injected = 0
    const stored = fc.constantFrom(
      connectedTenant(),
      mountedTenant(),
      operatorKesTenant(),
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
      fc.property(
        stored,
        tenants,
        around,
        (before, object, at) => void (injected += Number(check(tenantUpdate(before, object), at))),
      ),
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
          for (const around of [context, sidecarContext])
            expect(['inject', 'skip', 'deny']).toContain(decide(request, around).outcome)
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
  const allowedInPods = [...allowed, /^\/spec\/initContainers(\/-)?$/]
  it.each([
    ['before a key server elsewhere', context, allowed],
    ['with KES inside it', sidecarContext, allowedInPods],
  ] as const)(
    'keeps all of the user’s, changes only what it may, and is not changed again: %s',
    (_, around, allowed) => {
      let injected = 0
      const check = (object: Json): boolean => {
        const request = podRequest(object)
        const after = checkInjection(request, allowed, around)
        if (after === undefined) return false
        const [was, is] = [(object as { spec: Json }).spec, (after as { spec: Json }).spec]
        const notOurs = (list: unknown): unknown =>
          Array.isArray(list)
            ? list.filter(
                (each: unknown) =>
                  !['kes-injector', 'kes', 'kes-sidecar'].includes((each as Json | null)?.['name'] as string),
              )
            : list
        const stripped = (spec: Json): unknown => ({
          ...spec,
          initContainers: notOurs(spec['initContainers'] ?? []),
          volumes: notOurs(spec['volumes'] ?? []),
          containers: (spec['containers'] as (Json | null)[]).map((each) => ({
            ...each,
            env: usersOf(each?.['env']),
            volumeMounts: notOurs(each?.['volumeMounts'] ?? []),
          })),
        })
        same(stripped(is), stripped(was))
        expect(decide(podRequest(after), around).reason).toBe('AlreadyInjected')
        // The other key server's settings are nobody's to change.
        const elsewhere = around === context ? sidecarContext : context
        expect(decide(podRequest(after), elsewhere).outcome).toBe('skip')
        return true
      }
      fc.assert(
        fc.property(pods, (object) => void (injected += Number(check(object)))),
        runs,
      )
      expect(injected).toBeGreaterThan(runs.numRuns / 20)
    },
  )
})
