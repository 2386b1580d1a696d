import { expect, it } from 'vitest'
import { objectsIn } from '../../../src/plugin/objectsIn.ts'

it('finds the objects of every document and of lists, in YAML and in JSON', () => {
  expect(objectsIn('kind: A\n---\nkind: List\nitems:\n- kind: B\n---\n')).toEqual([{ kind: 'A' }, { kind: 'B' }])
  expect(objectsIn('{"kind":"A"}')).toEqual([{ kind: 'A' }])
  expect(objectsIn('')).toEqual([])
})

it.each([
  ['broken YAML', 'apiVersion: v1\ndata: {canary: "canary'],
  [
    'a bomb of aliases',
    `a: &a [canary]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`,
  ],
])('refuses %s without quoting it', (_, text) => {
  let said = ''
  try {
    objectsIn(text)
  } catch (error) {
    said = String(error)
  }
  expect(said).toMatch(/^PluginError: the file/)
  expect(said).not.toContain('canary')
})
