import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, run } from '../rig/command.ts'

export interface Expected {
  readonly authorityPem: string
  readonly purpose: 'sslserver' | 'sslclient' | 'any'
  readonly hostName?: string
}

/** What `openssl verify -x509_strict` says of a certificate: `OK`, or its complaint. */
export async function verify(certificatePem: string, { authorityPem, purpose, hostName }: Expected): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'openssl-'))
  try {
    const [authority, certificate] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
    writeFileSync(authority, authorityPem)
    writeFileSync(certificate, certificatePem)
    const host = hostName === undefined ? [] : ['-verify_hostname', hostName]
    const args = [
      'verify',
      '-x509_strict',
      '-purpose',
      purpose,
      ...host,
      '-no-CApath',
      '-CAfile',
      authority,
      certificate,
    ]
    const { code, stdout, stderr } = await attempt('openssl', args)
    return code === 0 && stdout.endsWith(': OK\n') ? 'OK' : stderr
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Lower-case hex SHA-256 of the certificate's SubjectPublicKeyInfo, as openssl computes it. */
export async function identity(certificatePem: string): Promise<string> {
  const script = 'openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r'
  return (await run('sh', ['-ec', script], { stdin: certificatePem })).split(' ')[0] ?? ''
}
