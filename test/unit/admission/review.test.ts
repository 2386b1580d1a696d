import { describe, expect, it } from 'vitest'
import { readReview } from '../../../src/admission/review.ts'
import { Refusal } from '../../../src/admission/refusal.ts'
import { pod } from '../../fixtures/objects.ts'
import { podRequest, reviewOf } from '../../fixtures/requests.ts'

const good = reviewOf(podRequest(pod()))
const changed = (change: (review: Record<string, unknown>) => unknown): Buffer => {
  const review = JSON.parse(good.toString()) as Record<string, unknown>
  return Buffer.from(JSON.stringify(change(review) ?? review))
}
const withRequest = (change: Record<string, unknown>): Buffer =>
  changed((review) => ({ ...review, request: { ...(review['request'] as object), ...change } }))

function refusal(body: Buffer): string {
  try {
    readReview(body)
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
  return 'read'
}

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const withSpec = (spec: string): Buffer =>
  Buffer.from(good.toString().replace('"object":{', `"object":{"deep":${spec},`))

describe('a body that is no review', () => {
  it.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['cut short', good.subarray(0, -2)],
    ['with something behind it', Buffer.concat([good, Buffer.from('x')])],
    ['behind a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), good])],
    ['with a NUL', Buffer.concat([good, Buffer.from([0])])],
    ['with bytes that are no UTF-8', Buffer.from(good.toString('latin1').replace('minio', 'min\xff'), 'latin1')],
    ['with half of a surrogate pair', Buffer.from(good.toString().replace('"minio"', '"\\ud83e"'))],
    ['with half of a surrogate pair in capitals', Buffer.from(good.toString().replace('"minio"', '"\\uDE63"'))],
    ['null', Buffer.from('null')],
    ['a list', Buffer.from('[]')],
    ['a text', Buffer.from('"x"')],
    ['a number', Buffer.from('1')],
    ['true', Buffer.from('true')],
    ['too deep', withSpec(deep(200_000))],
    ['a little too deep', withSpec(deep(10_001))],
    ['of version 2', changed((review) => ({ ...review, apiVersion: 'admission.k8s.io/v2' }))],
    ['of no version', changed(({ apiVersion: _gone, ...review }) => review)],
    ['of another kind', changed((review) => ({ ...review, kind: 'Review' }))],
    ['without a request', changed(({ request: _gone, ...review }) => review)],
    ['with the request null', changed((review) => ({ ...review, request: null }))],
    ['with the request a list', changed((review) => ({ ...review, request: [] }))],
    ['without a uid', withRequest({ uid: undefined })],
    ['with an empty uid', withRequest({ uid: '' })],
    ['with a number for a uid', withRequest({ uid: 5 })],
    ['with an endless uid', withRequest({ uid: 'a'.repeat(10_000) })],
    ['with a line break in the uid', withRequest({ uid: 'a\nb' })],
  ])('is refused: %s', (_what, body) => {
    expect(refusal(body)).toBe('BadRequest')
  })
})

describe('a review', () => {
  it('is read in the version in which it came', () => {
    expect(readReview(good).apiVersion).toBe('admission.k8s.io/v1')
    const beta = changed((review) => ({ ...review, apiVersion: 'admission.k8s.io/v1beta1' }))
    expect(readReview(beta).apiVersion).toBe('admission.k8s.io/v1beta1')
  })

  it('may hold a response, which is not looked at', () => {
    expect(readReview(changed((review) => ({ ...review, response: { allowed: false } })))).toEqual(readReview(good))
  })

  it('lets the last of two members of one name win', () => {
    const twice = Buffer.from(
      good.toString().replace('"operation":"CREATE"', '"operation":"DELETE","operation":"CREATE"'),
    )
    expect(readReview(twice).request.operation).toBe('CREATE')
  })

  it('may be as deep as an API server sends, and brackets in texts do not count', () => {
    expect(refusal(withSpec(deep(9_000)))).toBe('read')
    expect(refusal(withSpec(JSON.stringify(`\\"${'['.repeat(100_000)}`)))).toBe('read')
  })

  it('may hold whole surrogate pairs, escaped', () => {
    expect(refusal(Buffer.from(good.toString().replace('"minio"', '"\\ud83e\\udea3"')))).toBe('read')
  })

  it('holds names of JavaScript as data and pollutes nothing', () => {
    const body = Buffer.from(
      good
        .toString()
        .replaceAll(
          '"labels":{',
          '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"labels":{"toJSON":"x","__proto__":"y",',
        ),
    )
    expect(refusal(body)).toBe('read')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('takes the name of the object where the request has none', () => {
    const body = withRequest({ name: '', object: { metadata: { name: 'minio-7' } } })
    expect(readReview(body).request.name).toBe('minio-7')
  })
})
