import { pod } from '../../fixtures/objects.ts'
import { podRequest, reviewOf } from '../../fixtures/requests.ts'
import { asObject, canary, deny, inject, ofPod, requested, skip, type BadReview } from './badReview.ts'

const good = reviewOf(podRequest(pod())).toString()
/** The good review with one text exchanged for another. */
const exchanged = (from: string | RegExp, to: string): string => {
  const text = good.replace(from, to)
  if (text === good) throw new Error(`nothing to exchange: ${String(from)}`)
  return text
}
const nested = (depth: number): string => exchanged('"dryRun":false', `"deep":${'['.repeat(depth)}${']'.repeat(depth)}`)

const text: readonly BadReview[] = [
  { row: 27, what: 'JSON that is cut off', body: good.slice(0, -5), answer: 400 },
  { row: 27, what: 'JSON with something behind it', body: `${good}x`, answer: 400 },
  { row: 27, what: 'a byte order mark', body: `\uFEFF${good}`, answer: 400 },
  { row: 27, what: 'a NUL in a text', body: exchanged('minio-0', 'minio\u0000'), answer: 400 },
  { row: 27, what: 'an escaped lone surrogate', body: exchanged('minio-0', '\\ud800'), answer: 400 },
  {
    row: 27,
    what: 'bytes that are no UTF-8',
    body: Buffer.from(exchanged('minio-0', 'minio-\xff'), 'latin1'),
    answer: 400,
  },
  ...['null', '[]', `"${canary}"`, '7', 'true'].map((body) => ({ row: 28, what: `only ${body}`, body, answer: 400 })),
  {
    row: 29,
    what: 'a key twice: the last one counts',
    body: exchanged('"name":"minio-0"', '"operation":"DELETE","name":"minio-0"'),
    answer: inject(3 + 4),
  },
  {
    row: 29,
    what: 'a key twice, the other way round',
    body: exchanged('"dryRun":false', '"operation":"DELETE"'),
    answer: skip('NotForUs'),
  },
  ...['__proto__', 'constructor', 'toString', 'toJSON', 'hasOwnProperty', 'prototype', 'length'].flatMap((key) =>
    ['"apiVersion":"v1","kind":"Pod"', '"operation":"CREATE"', '"name":"minio",', '"labels":{'].map((place) => {
      const value = `"${key}":{"prototype":{"polluted":"${canary}"},"allowed":true,"toJSON":1}`
      const body = exchanged(
        place,
        place === '"labels":{' || place.endsWith(',') ? `${place}${value},` : `${value},${place}`,
      )
      return { row: 30, what: `${key} beside ${place}`, body, answer: inject(7) }
    }),
  ),
  { row: 31, what: 'two hundred thousand levels', body: nested(200_000), answer: 400 },
  { row: 31, what: 'two hundred thousand levels of nothing else', body: '['.repeat(200_000), answer: 400 },
  {
    row: 32,
    what: 'a list of a million',
    body: exchanged('"dryRun":false', `"list":[${'0,'.repeat(1_000_000)}0]`),
    answer: inject(7),
  },
  {
    row: 32,
    what: 'a hundred thousand annotations',
    body: ofPod({}, {}, Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`a${at}`, 'x']))),
    answer: inject(7),
  },
  {
    row: 33,
    what: 'numbers that JavaScript cannot hold, which no operation touches',
    body: exchanged('"dnsPolicy"', '"a":1e400,"b":-0,"c":9007199254740993,"d":1.0,"dnsPolicy"'),
    answer: inject(7),
  },
]

const review: readonly BadReview[] = [
  {
    row: 34,
    what: 'version v1beta1, answered in it',
    body: exchanged('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'),
    answer: inject(7),
  },
  { row: 35, what: 'version v2', body: exchanged('admission.k8s.io/v1', 'admission.k8s.io/v2'), answer: 400 },
  { row: 35, what: 'another kind', body: exchanged('AdmissionReview', 'SubjectAccessReview'), answer: 400 },
  { row: 35, what: 'no version', body: exchanged('"apiVersion":"admission.k8s.io/v1",', ''), answer: 400 },
  { row: 36, what: 'no request', body: exchanged('"request"', '"requests"'), answer: 400 },
  { row: 36, what: 'a request that is null', body: exchanged(/"request":.*/, '"request":null}'), answer: 400 },
  ...['""', '7', `"${'u'.repeat(10_000)}"`, `"${canary}\\n{}"`, 'null', '{}'].map((uid) => ({
    row: 37,
    what: `the uid ${uid.slice(0, 20)}`,
    body: exchanged(/"uid":"[^"]+"/, `"uid":${uid}`),
    answer: 400,
  })),
  { row: 37, what: 'no uid', body: exchanged('"uid"', '"uids"'), answer: 400 },
  { row: 38, what: 'a response instead of a request', body: exchanged('"request"', '"response"'), answer: 400 },
  {
    row: 39,
    what: 'a response beside the request',
    body: exchanged('"request"', `"response":{"allowed":false,"uid":"${canary}"},"request"`),
    answer: inject(7),
  },
  {
    row: 40,
    what: 'DELETE with the old object only',
    body: reviewOf(podRequest(null, { operation: 'DELETE', oldObject: pod() })),
    answer: skip('NotForUs'),
  },
  { row: 40, what: 'CONNECT', body: requested({ operation: 'CONNECT' }), answer: skip('NotForUs') },
  {
    row: 40,
    what: 'an operation of the future',
    body: requested({ operation: `${canary}\n` }),
    answer: skip('NotForUs'),
  },
  { row: 41, what: 'no object at its creation', body: asObject(null), answer: skip('Malformed') },
  ...['true', '"true"', 'null', '{}'].map((dryRun) => ({
    row: 42,
    what: `dryRun ${dryRun}: the same patch`,
    body: exchanged('"dryRun":false', `"dryRun":${dryRun}`),
    answer: inject(7),
  })),
  {
    row: 43,
    what: 'a subresource',
    body: requested({ subResource: 'ephemeralcontainers' }),
    answer: skip('Subresource'),
  },
  { row: 44, what: 'a resource and another kind', body: requested({ kind: 'Tenant' }), answer: skip('Malformed') },
  {
    row: 44,
    what: 'a kind and an object of another',
    body: asObject({ ...pod(), kind: 'Tenant' }),
    answer: skip('Malformed'),
  },
  { row: 45, what: 'no namespace', body: requested({ namespace: '' }), answer: skip('Malformed') },
  {
    row: 45,
    what: 'an object of another namespace: the request counts',
    body: ofPod({}, {}, {}, { namespace: 'team-b' }),
    answer: inject(7),
  },
  {
    row: 45,
    what: 'a namespace that does not exist',
    body: requested({ namespace: 'nowhere' }),
    answer: deny('NotReady'),
  },
  {
    row: 45,
    what: 'a namespace that is a path',
    body: requested({ namespace: '../../secrets' }),
    answer: deny('NotReady'),
  },
  {
    row: 45,
    what: 'a namespace with a name longer than any has',
    body: requested({ namespace: 'n'.repeat(100_000) }),
    answer: deny('NotReady'),
  },
  { row: 46, what: 'generateName', body: requested({ name: '' }), answer: inject(7) },
  { row: 47, what: 'no userInfo', body: exchanged('"userInfo"', '"whoInfo"'), answer: inject(7) },
  {
    row: 47,
    what: 'a hostile username',
    body: exchanged('system:admin', `\\u001b[31m\\n{\\"level\\":\\"error\\"}${canary}`),
    answer: inject(7),
  },
]

/** Rows 27 to 47: what is no JSON, no review, or a strange one. */
export const badReviews: readonly BadReview[] = [...text, ...review]
