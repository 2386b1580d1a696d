import type { KesIdentity } from '../../../src/api/kesIdentity.ts'
import { KeyServerSpec } from '../../../src/api/keyServer.ts'
import type { Backup } from '../../../src/backup/backup.ts'
import type { Secret } from '../../../src/kube/resources.ts'

export const secretOf = (name: string, data: Readonly<Record<string, string>>): Secret => ({
  metadata: { name, namespace: 'kes-injector', uid: `uid-of-${name}`, annotations: {} },
  type: 'Opaque',
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})

export const identityOf = (namespace: string, identity: string): KesIdentity => ({
  metadata: { name: 'kes-client', namespace },
  spec: {
    keyServerRef: { name: 'default' },
    secretName: 'kes-client',
    policy: { allow: [], deny: [] },
  },
  status: { identity },
})

/** A backup that is whole as an archive; nothing in it is a key. */
export const someBackup = (changes: Partial<Backup> = {}): Backup => ({
  id: '0123456789abcdef',
  createdAt: '2026-11-25T01:00:00.000Z',
  productVersion: '0.1.0',
  releaseNamespace: 'kes-injector',
  server: { image: 'kes:1', dataPath: '/data/kes', volumePath: '/data' },
  claim: { name: 'data-kes-default-0', labels: { a: 'b' }, size: '1Gi' },
  keyServer: {
    metadata: { name: 'default', uid: 'u' },
    spec: KeyServerSpec.parse({ stateful: {} }),
    status: {
      initializedAt: '2026-11-24T00:00:00.000Z',
      unsealKey: { fingerprint: 'f'.repeat(64) },
      keys: ['kes-injector-check', 'one_minio'],
    },
  },
  secrets: ['authority-1', 'unseal', 'enclave-admin', 'system-admin', 'server'].map((each) =>
    secretOf(`kes-default-${each}`, { key: 'no key' }),
  ),
  identities: [identityOf('one', 'a'.repeat(64)), identityOf('two', 'b'.repeat(64))],
  data: { folders: ['enclave', 'enclave/default', 'secret'], files: new Map([['.unseal', Buffer.from([0, 255])]]) },
  known: { key: 'kes-injector-check', ciphertext: 'AA==', plaintextSha256: '0'.repeat(64) },
  ...changes,
})
