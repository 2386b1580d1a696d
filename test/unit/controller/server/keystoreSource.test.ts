import { describe, expect, it } from 'vitest'
import { keystoreOf } from '../../../../src/controller/server/keystoreSource.ts'
import type { Secret } from '../../../../src/kube/resources.ts'
import { keyServer } from '../keyServers.ts'

const secret = (entries: Readonly<Record<string, string>>): Secret => ({
  metadata: { name: 'mine', namespace: 'kes-system' },
  data: Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})
const serverWith = (more: object = {}) =>
  keyServer({ stateful: undefined, server: { replicas: 1, keystoreSecretRef: { name: 'mine' }, ...more } })
const vault =
  'vault:\n  endpoint: https://v\n  approle: { id: a, secret: "${SECRET}" }\n  tls: { ca: /etc/kes/config/ca.crt }\n'
const withEnvironment = serverWith({ environmentSecretRef: { name: 'env' } })

describe('the key store section of a KeyServer', () => {
  it('is good with its variables and its files', () => {
    const read = keystoreOf(
      withEnvironment,
      secret({ 'server-config.yaml': vault, 'ca.crt': 'PEM' }),
      secret({ SECRET: 's' }),
    )
    expect(read.source).toEqual({ is: 'good', kind: 'vault' })
    expect(read.used?.files).toEqual({ 'ca.crt': 'PEM' })
  })

  it.each<[string, ReturnType<typeof keystoreOf>, string]>([
    ['there is no Secret', keystoreOf(serverWith(), undefined, undefined), 'there is no Secret mine'],
    [
      'the Secret has no such entry',
      keystoreOf(serverWith(), secret({ other: '' }), undefined),
      'has no entry server-config.yaml',
    ],
    [
      'the section is wrong',
      keystoreOf(serverWith(), secret({ 'server-config.yaml': 'fs:\n  pth: /data/keys\n' }), undefined),
      'server-config.yaml, line 2: ',
    ],
    [
      'no Secret is named for its variables',
      keystoreOf(serverWith(), secret({ 'server-config.yaml': vault }), undefined),
      'line 3: it refers to an environment variable',
    ],
    [
      'a variable is not set',
      keystoreOf(withEnvironment, secret({ 'server-config.yaml': vault, 'ca.crt': '' }), secret({})),
      'line 3: the Secret env has no entry',
    ],
    [
      'a file is not there',
      keystoreOf(withEnvironment, secret({ 'server-config.yaml': vault }), secret({ SECRET: 's' })),
      'line 4: it names a file in /etc/kes/config',
    ],
    [
      'files have no volume',
      keystoreOf(serverWith(), secret({ 'server-config.yaml': 'fs: { path: /data/keys }' }), undefined),
      'needs spec.server.storage',
    ],
    [
      'files lie beside the volume',
      keystoreOf(serverWith({ storage: {} }), secret({ 'server-config.yaml': 'fs: { path: /tmp/keys }' }), undefined),
      'fs.path must lie in /data',
    ],
    [
      'files lie outside the volume by a detour',
      keystoreOf(
        serverWith({ storage: {} }),
        secret({ 'server-config.yaml': 'fs: { path: /data/../tmp }' }),
        undefined,
      ),
      'fs.path must lie in /data',
    ],
  ])('is told to be none where %s', (_what, { source, used }, why) => {
    expect(source).toHaveProperty('why')
    expect('why' in source && source.why).toContain(why)
    expect(used).toBeUndefined()
  })
})
