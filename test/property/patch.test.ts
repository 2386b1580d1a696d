import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import jsonpatch, { type Operation as JsonPatchOperation } from 'fast-json-patch'
import { describe, expect, it } from 'vitest'
import { apply, pointer, replace, type Operation } from '../../src/injection/patch.ts'

const anyText = fc.oneof(
  fc.constantFrom('', 'a/b', 'a~b', 'toString', 'length', '01', '-1'),
  fc.string({ maxLength: 6 }),
)
// fast-check's own JSON has `__proto__` as a key too; parsing it makes an own member of it, as on the wire.
const anyJson = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown)
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Applies as fast-json-patch itself does it: a whole copy first, then every operation with validation. */
const reference = (document: unknown, operations: readonly Operation[]): unknown =>
  jsonpatch.applyPatch(structuredClone(document), structuredClone(operations) as JsonPatchOperation[], true).newDocument

/** Not `toStrictEqual`, which takes an own member called `constructor` for the constructor. */
const same = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    expect(JSON.stringify(actual)).toBe(`deeply equal to ${JSON.stringify(expected)}`)
}

describe('a pointer', () => {
  const name = fc.oneof(anyText, fc.stringMatching(/^[a~/01]{0,6}$/))

  it('leads to the member of that name and to no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
        const [first = ''] = names
        const document = Object.fromEntries(names.map((each) => [each, { held: 'before' }]))
        const expected = { ...document, [first]: { held: 'after' } }
        const operations = [replace([first, 'held'], 'after')]
        same(apply(document, operations), expected)
        same(reference(document, operations), expected)
      }),
    )
  })

  it('is escaped as fast-json-patch escapes it', () => {
    fc.assert(
      fc.property(fc.array(name), (names) => {
        expect(pointer(names)).toBe(names.map((each) => `/${jsonpatch.escapePathComponent(each)}`).join(''))
      }),
    )
  })
})

describe('applying operations', () => {
  const document = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown)
  const part = fc.oneof(
    fc.constantFrom('a', 'b', '0', '1', '2', '-', '__proto__', 'constructor'),
    anyText.map((text) => jsonpatch.escapePathComponent(text)),
  )
  const path = fc.array(part, { maxLength: 3 }).map((parts) => parts.map((each) => `/${each}`).join(''))
  const value = anyJson as fc.Arbitrary<never>
  const anyOperation = fc
    .oneof(
      fc.record({ op: fc.constantFrom('add' as const, 'replace' as const), path, value }),
      fc.record({ op: fc.constant('remove' as const), path }),
    )
    .map((operation) => asJson(operation) as Operation)
  // Operations that mostly apply: on lists and objects with few names, so that later ones meet what former ones moved.
  const small = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, fc.integer(), tie('list'), tie('object')),
    list: fc.array(tie('node'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom('a', 'b'), tie('node')),
  }))

  // Where `apply` is stricter: the whole document, names that objects and lists inherit, indices that only JavaScript reads.
  const isStrict = ({ path }: Operation): boolean =>
    path === '' ||
    path
      .split('/')
      .some((part, at) => at > 0 && (part in {} || part in [] || part === 'prototype' || /^(?:0\d.*)?$/.test(part)))
  const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null

  const outcome = (run: () => unknown): unknown => {
    try {
      return { gives: run() }
    } catch {
      return 'refused'
    }
  }

  it.each([
    ['any JSON', document],
    ['small trees', fc.oneof(small.list, small.object)],
  ])(
    'gives on %s what fast-json-patch gives, validating and on a whole copy, and changes neither document nor operations',
    (_what, documents) => {
      fc.assert(
        fc.property(
          documents.map((each) => JSON.parse(JSON.stringify(each)) as unknown),
          fc.array(anyOperation, { minLength: 1, maxLength: 5 }),
          (before, operations) => {
            const [documentThen, operationsThen] = [structuredClone(before), structuredClone(operations)]
            const ours = outcome(() => apply(before, operations))
            if (ours !== 'refused' || (isContainer(before) && !operations.some(isStrict)))
              same(
                ours,
                outcome(() => reference(before, operations)),
              )
            same(before, documentThen)
            same(operations, operationsThen)
          },
        ),
        { numRuns: 3_000 },
      )
    },
  )
})
