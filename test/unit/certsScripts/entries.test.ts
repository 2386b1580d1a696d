import { describe, expect, it } from 'vitest'
import { entriesIn, placeOf } from '../../../certs-scripts/reading/entries.ts'
import { newAuthority, newPair, secretYaml } from './world.ts'

const pair = newPair(newAuthority())
const data = { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem }
const namesOf = (text: string): readonly string[] => entriesIn('file', text).map(placeOf)

describe('what is read', () => {
  it('is one entry where it is PEM', () => {
    expect(entriesIn('minio.crt', pair.certificatePem)).toEqual([{ file: 'minio.crt', text: pair.certificatePem }])
  })

  it('is an entry a key of a Secret, decoded', () => {
    const entries = entriesIn('file', secretYaml('kes-client', data))
    expect(entries.map(({ name, text }) => [name, text])).toEqual(Object.entries(data))
    expect(entries.map(placeOf)).toEqual(['Secret minio-a/kes-client, tls.crt', 'Secret minio-a/kes-client, tls.key'])
    expect(entries[0]?.holder?.type).toBe('kubernetes.io/tls')
  })

  it('is every Secret of several documents and of a list, as YAML and as JSON', () => {
    const [one, two] = [secretYaml('one', data), secretYaml('two', data)]
    expect(namesOf(`${one}---\n${two}`)).toHaveLength(4)
    const indented = [one, two].map((text) => text.replaceAll(/^/gm, '  ').replace('  api', '- api')).join('\n')
    const list = `apiVersion: v1\nkind: List\nitems:\n${indented}`
    expect(namesOf(list)).toHaveLength(4)
    const json = JSON.stringify({
      kind: 'List',
      items: [{ kind: 'Secret', metadata: { name: 'x' }, data: { a: 'Yg==' } }],
    })
    expect(entriesIn('file', json)).toMatchObject([{ name: 'a', text: 'b' }])
  })

  it('is a ConfigMap too, as it lies there; and stringData wins, as in the API server', () => {
    const map = 'kind: ConfigMap\nmetadata: { name: trust }\ndata: { ca.crt: text }'
    expect(entriesIn('file', map)).toMatchObject([{ name: 'ca.crt', text: 'text', holder: { kind: 'ConfigMap' } }])
    const secret = 'kind: Secret\nmetadata: { name: s }\ndata: { a: Yg== }\nstringData: { a: c }'
    expect(entriesIn('file', secret)).toMatchObject([{ name: 'a', text: 'c' }])
  })

  it('is one entry where it is YAML or JSON of another sort', () => {
    expect(entriesIn('minio-policy.json', '{"allow":[]}')).toHaveLength(1)
    expect(entriesIn('init.yml', 'version: v1\n')).toHaveLength(1)
  })

  it('is refused where there are objects but no Secret among them', () => {
    expect(() => entriesIn('f.yaml', 'kind: Deployment\nmetadata: {}')).toThrow(
      'f.yaml holds no Secret or ConfigMap with data; it holds: Deployment',
    )
  })

  it.each([
    ['broken YAML', 'kind: Secret\ndata: { a: "c2VjcmV0LWJ5dGVz\n'],
    ['broken JSON', '{"kind":"Secret","data":{"a":"c2VjcmV0LWJ5dGVz'],
    ['an alias that leads nowhere', 'kind: Secret\ndata: *c2VjcmV0LWJ5dGVz\n'],
    [
      'aliases that grow',
      `kind: Secret\na: &a [1]\n${Array.from({ length: 30 }, () => 'x')
        .map((x, i) => `${x}${i}: [*a, *a, *a]`)
        .join('\n')}\n`,
    ],
  ])('is refused without a quotation: %s', (_, text) => {
    const refused = (() => {
      try {
        return `nothing: ${entriesIn('f.yaml', text).length}`
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    })()
    expect(refused).toMatch(/^f\.yaml (is not YAML or JSON that can be read, line \d+|uses YAML aliases)/)
    expect(refused).not.toContain('c2VjcmV0')
  })

  it.each([
    'kind: Secret\nmetadata: 3\ndata: [1]\nstringData: null',
    '{"kind":"List","items":[null,1,"x",{"kind":"Secret","data":{"a":5}}]}',
  ])('never fails in another way on odd objects: %s', (text) => {
    expect(() => entriesIn('f', text)).toThrow('holds no Secret')
  })
})
