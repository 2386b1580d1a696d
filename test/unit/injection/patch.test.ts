import { describe, expect, it } from 'vitest'
import {
  add,
  addEntries,
  apply,
  PatchError,
  pointer,
  remove,
  replace,
  type Operation,
} from '../../../src/injection/patch.ts'

describe('a patch', () => {
  it('escapes what JSON Pointers reserve', () => {
    expect(pointer(['a/b', 'c~d', 0, '-'])).toBe('/a~1b/c~0d/0/-')
  })

  it.each([
    ['missing', undefined, [add(['l'], ['x', 'y'])]],
    ['null', null, [add(['l'], ['x', 'y'])]],
    ['empty', [], [add(['l'], ['x', 'y'])]],
    ['there', ['a'], [add(['l', '-'], 'x'), add(['l', '-'], 'y')]],
  ])('appends to a list that is %s', (_how, list, expected) => {
    expect(addEntries(list, ['l'], 'last', ['x', 'y'])).toEqual(expected)
  })

  it('prepends in order', () => {
    const operations = addEntries(['a'], ['l'], 'first', ['x', 'y'])
    expect(apply({ l: ['a'] }, operations)).toEqual({ l: ['x', 'y', 'a'] })
  })

  it('is nothing where there is nothing to add', () => {
    expect(addEntries(undefined, ['l'], 'last', [])).toEqual([])
  })

  const nowhere: Operation = { op: 'replace', path: '', value: {} }
  it.each([
    ['an index past the end', 'NoSuchPlace', add(['l', 2], 1)],
    ['an index with a zero before it', 'NoSuchPlace', replace(['l', '00'], 1)],
    ['a replacement after the end', 'NoSuchPlace', replace(['l', '-'], 1)],
    ['a removal past the end', 'NoSuchPlace', remove(['l', 1])],
    ['a missing parent', 'NothingThere', add(['m', 'n'], 1)],
    ['a parent that holds nothing', 'NoSuchPlace', add(['n', 'm'], 1)],
    ['a replacement of nothing', 'NothingThere', replace(['m'], 1)],
    ['a removal of nothing', 'NothingThere', remove(['m'])],
    ['the prototype of an object', 'NoSuchPlace', add(['__proto__', 'x'], 1)],
    ['a member of something inherited', 'NothingThere', add(['toString', 'x'], 1)],
    ['another document', 'NoSuchPlace', nowhere],
    ['a path from nowhere', 'NoSuchPlace', { ...nowhere, path: 'l/0' }],
  ])('does not apply, as at the API server: %s', (_what, code, operation) => {
    const run = () => apply({ l: [1], n: null }, [operation])
    expect(run).toThrow(PatchError)
    expect(run).toThrow(expect.objectContaining({ code }))
  })

  it('follows what former operations moved', () => {
    const document = { l: [{ v: 'a' }, { v: 'b' }] }
    expect(apply(document, [add(['l', 0], { v: 'new' }), replace(['l', 1, 'v'], 'changed')])).toEqual({
      l: [{ v: 'new' }, { v: 'changed' }, { v: 'b' }],
    })
    expect(document).toEqual({ l: [{ v: 'a' }, { v: 'b' }] })
  })

  it('shares everything that it does not pass through', () => {
    const document = { touched: [1], untouched: { deep: {} } }
    const after = apply(document, [add(['touched', '-'], 2)]) as typeof document
    expect(after.untouched).toBe(document.untouched)
    expect(after.touched).toEqual([1, 2])
    expect(document.touched).toEqual([1])
  })
})
