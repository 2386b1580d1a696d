import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs the real openssl over a certificate and the authority it is to be verified under; answers what it prints. */
export function openssl(
  { authorityPem, leafPem }: { readonly authorityPem: string; readonly leafPem: string },
  ...args: readonly string[]
): string {
  const folder = mkdtempSync(join(tmpdir(), 'pki-'))
  try {
    const [authority, leaf] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
    writeFileSync(authority, authorityPem)
    writeFileSync(leaf, leafPem)
    const given = args.map((arg) => (arg === '@ca' ? authority : arg === '@leaf' ? leaf : arg))
    return execFileSync('openssl', given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
