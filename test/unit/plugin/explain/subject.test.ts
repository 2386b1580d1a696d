import { describe, expect, it } from 'vitest'
import { objectInFile } from '../../../../src/plugin/explain/fileObject.ts'
import { readSubject } from '../../../../src/plugin/explain/subject.ts'

describe('what somebody asks about', () => {
  it.each([
    ['tenant/store', 'tenant'],
    ['po/a', 'pod'],
    ['sts/a', 'statefulset'],
    ['Deployment/a', 'deployment'],
    ['ns/a', 'namespace'],
  ])('is read from %s', (word, kind) => expect(readSubject(word)?.kind).toBe(kind))

  it.each(['store', 'tenant/', '/store', 'tenant/a/b', 'secret/a', 'constructor/a', ''])(
    'is not read from %j',
    (word) => expect(readSubject(word)).toBeUndefined(),
  )
})

describe('the object of a file', () => {
  const both =
    'kind: Service\n---\nkind: Pod\nmetadata: {name: a, namespace: n}\n---\nkind: Tenant\nmetadata: {name: b}'

  it('is the one that is asked about', () => {
    expect(objectInFile(both, { kind: 'pod', name: 'a' })).toMatchObject({ namespace: 'n', subject: { kind: 'pod' } })
  })

  it('is the only one that can be explained where nothing is asked', () => {
    expect(objectInFile('kind: Service\n---\nkind: Tenant', undefined).subject).toEqual({ kind: 'tenant', name: '' })
  })

  it.each([
    [both, undefined, 'more than one'],
    [both, { kind: 'pod', name: 'b' } as const, 'holds no pod/b'],
    ['kind: Service', undefined, 'holds no Tenant'],
  ])('is not guessed', (text, wish, said) => expect(() => objectInFile(text, wish)).toThrow(said))
})
