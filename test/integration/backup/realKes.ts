import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { KeyServerSpec } from '../../../src/api/keyServer.ts'
import type { Backup } from '../../../src/backup/backup.ts'
import { readTar } from '../../../src/backup/tar.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import type { Secret } from '../../../src/kube/resources.ts'
import { fingerprintOf } from '../../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../../src/pki/certificateParts.ts'
import { privateKeyPem } from '../../../src/pki/privateKey.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { imagePrograms } from '../kes/launcher.ts'
import type { KeyServer } from '../kes/keyServer.ts'

const secret = (name: string, data: Readonly<Record<string, string>>): Secret => ({
  metadata: { name: `kes-default-${name}`, namespace: 'kes-injector' },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})

const pair = (name: string, { certificatePem, keyPem }: PairPem): Secret =>
  secret(name, { 'tls.crt': certificatePem, 'tls.key': keyPem })

/** What the launcher writes of a real server's data directory, with the digest that it tells. */
export async function exported({ data }: KeyServer): Promise<{ readonly archive: Buffer; readonly sha256: string }> {
  const { launcher } = await imagePrograms()
  const archive = execFileSync(launcher, ['export', '--data', data], { stdio: ['ignore', 'pipe', 'ignore'] })
  return { archive, sha256: createHash('sha256').update(archive).digest('hex') }
}

/** A backup of a real KES that runs as a process: what `collectBackup` would have read of it in a cluster. */
export async function backupOf(server: KeyServer, admin: StatefulKes): Promise<Backup> {
  const { plaintext, ciphertext } = await admin.generate('kes-injector-check')
  const entries = readTar((await exported(server)).archive)
  const { authority, systemAdmin } = server
  return {
    id: '0123456789abcdef',
    createdAt: '2026-11-25T01:00:00.000Z',
    productVersion: '0.1.0',
    releaseNamespace: 'kes-injector',
    server: { image: 'kes', dataPath: '/data/kes', volumePath: '/data' },
    claim: { name: 'data-kes-default-0', labels: {}, size: '1Gi' },
    keyServer: {
      metadata: { name: 'default', uid: 'u' },
      spec: KeyServerSpec.parse({ stateful: {} }),
      status: {
        initializedAt: '2026-11-24T00:00:00.000Z',
        authority: {
          fingerprint: fingerprintOf(readCertificate(authority.certificatePem)),
          notAfter: '',
          generation: 1,
        },
        unsealKey: { fingerprint: createHash('sha256').update(server.unsealKey).digest('hex') },
        admin: { system: systemAdmin.identity, enclave: server.admin.identity },
        keys: (await admin.listKeys('*')).map(({ name }) => name),
      },
    },
    secrets: [
      pair('authority-1', { certificatePem: authority.certificatePem, keyPem: privateKeyPem(authority.key) }),
      secret('unseal', { key: server.unsealKey }),
      pair('enclave-admin', server.admin),
      pair('system-admin', systemAdmin),
    ],
    identities: [],
    data: {
      folders: entries.flatMap(({ path, content }) => (content === 'folder' ? [path] : [])),
      files: new Map(entries.flatMap(({ path, content }) => (content === 'folder' ? [] : [[path, content] as const]))),
    },
    known: {
      key: 'kes-injector-check',
      ciphertext: ciphertext.toString('base64'),
      plaintextSha256: createHash('sha256').update(plaintext).digest('hex'),
    },
  }
}
