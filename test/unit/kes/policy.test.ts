import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minioPolicy, samePolicy } from '../../../src/kes/policy.ts'

/** KES until 2023-10-03: Go's `path.Match`; of its syntax only the star occurs here, and it stops at a slash. */
const byGlob = (pattern: string, path: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('[^/]*')}$`,
  ).test(path)
/** KES from 2023-11: exact, or everything before a trailing star. */
const byPrefix = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern

const { allow, deny } = minioPolicy({ keyPrefix: 'a_', allowKeyCreation: false })
const allowed = (path: string): readonly boolean[] =>
  [byGlob, byPrefix].map((matches) => allow.some((one) => matches(one, path)))
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/)
const tail = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)

describe("a namespace's policy", () => {
  it.each(['generate', 'decrypt', 'bulk/decrypt', 'describe'])('lets MinIO %s with keys of its prefix', (operation) => {
    expect(allowed(`/v1/key/${operation}/a_minio`)).toEqual([true, true])
    expect(allowed(`/v1/key/${operation}/ab_minio`)).toEqual([false, false])
    expect(allowed(`/v1/key/${operation}/a-b_minio`)).toEqual([false, false])
  })

  it('lets MinIO list its own keys only', () => {
    expect(allowed('/v1/key/list/a_*')).toEqual([true, true])
    for (const pattern of ['*', 'a*', 'b_*', '*_minio'])
      expect(allowed(`/v1/key/list/${pattern}`)).toEqual([false, false])
  })

  it.each(['/version', '/v1/status', '/v1/metrics', '/v1/api'])('lets MinIO ask for %s', (path) => {
    expect(allowed(path)).toEqual([true, true])
  })

  it.each([
    '/v1/key/delete/a_minio',
    '/v1/key/import/a_minio',
    '/v1/policy/write/a',
    '/v1/policy/assign/a',
    '/v1/identity/delete/x',
    '/v1/log/audit',
    '/v1/sys/seal',
  ])('never allows %s', (path) => {
    expect(allowed(path)).toEqual([false, false])
  })

  it('allows creation only where that was asked for', () => {
    expect(allowed('/v1/key/create/a_minio')).toEqual([false, false])
    const generous = minioPolicy({ keyPrefix: 'a_', allowKeyCreation: true })
    expect(generous.allow).toContain('/v1/key/create/a_*')
    expect(deny).toEqual([])
  })

  it('covers no key of another namespace, whatever the two are called', () => {
    fc.assert(
      fc.property(label, label, tail, (mine, theirs, name) => {
        fc.pre(mine !== theirs)
        const policy = minioPolicy({ keyPrefix: `${mine}_`, allowKeyCreation: true })
        for (const matches of [byGlob, byPrefix]) {
          expect(policy.allow.some((pattern) => matches(pattern, `/v1/key/generate/${theirs}_${name}`))).toBe(false)
          expect(policy.allow.some((pattern) => matches(pattern, `/v1/key/generate/${mine}_${name}`))).toBe(true)
        }
      }),
    )
  })

  it('covers granted keys, for use only, and none that looks like them', () => {
    const generous = minioPolicy({ keyPrefix: 'a_', granted: ['minio-default-key', 'old-*'], allowKeyCreation: true })
    const answers = (path: string) =>
      [byGlob, byPrefix].map((matches) => generous.allow.some((one) => matches(one, path)))
    for (const operation of ['generate', 'decrypt', 'bulk/decrypt', 'describe', 'list']) {
      for (const name of ['minio-default-key', 'old-1', 'a_minio'])
        expect(answers(`/v1/key/${operation}/${name}`)).toEqual([true, true])
      for (const name of ['minio-default-key2', 'minio-default-ke', 'old', 'xold-1', 'ab_minio', '*'])
        expect(answers(`/v1/key/${operation}/${name}`)).toEqual([false, false])
    }
    for (const operation of ['create', 'delete', 'import'])
      expect(answers(`/v1/key/${operation}/minio-default-key`)).toEqual([false, false])
  })

  it.each(['', '*', 'a*b', '**', 'a/b', 'a?'])('refuses the grant %j', (name) => {
    expect(() => minioPolicy({ keyPrefix: 'a_', granted: [name], allowKeyCreation: false })).toThrow(
      expect.objectContaining({ code: 'BadRequest' }),
    )
  })

  it.each(['', 'a*', 'a/', '../', 'a[b]_', 'a?_', 'a\\_'])(
    'refuses the prefix %j, which would mean something else in a pattern',
    (keyPrefix) => {
      expect(() => minioPolicy({ keyPrefix, allowKeyCreation: false })).toThrow(
        expect.objectContaining({ code: 'BadRequest' }),
      )
    },
  )
})

describe('comparing policies', () => {
  const one = { allow: ['/a', '/b'], deny: ['/c'] }

  it('looks at neither order nor repetition', () => {
    expect(samePolicy(one, { allow: ['/b', '/a', '/a'], deny: ['/c'] })).toBe(true)
  })

  it('sees a pattern more or less, and one that changed sides', () => {
    expect(samePolicy(one, { allow: ['/a'], deny: ['/c'] })).toBe(false)
    expect(samePolicy(one, { allow: ['/a', '/b', '/d'], deny: ['/c'] })).toBe(false)
    expect(samePolicy(one, { allow: ['/a', '/b', '/c'], deny: [] })).toBe(false)
  })
})
