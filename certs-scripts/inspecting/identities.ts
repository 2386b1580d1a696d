import { unusable } from '../commandLine/scriptError.ts'
import type { Finding } from './inspect.ts'

/**
 * The one KES identity that was read: of a certificate, a key, or both halves of a pair. Throws `InputUnusable` where there is none or
 * more than one.
 */
export function onlyIdentity(findings: readonly Finding[], place: string): string {
  const identities = new Set(findings.flatMap((finding) => identityOf(finding) ?? []))
  const [identity, ...more] = identities
  if (more.length > 0)
    throw unusable(`${place} holds ${identities.size} different identities: hand over one (inspect shows them all)`)
  if (identity !== undefined) return identity
  const authority = findings.some(({ kind }) => kind === 'certificate')
  throw unusable(
    authority
      ? `${place} holds certificates of authorities only: KES gives those no identity`
      : `${place} holds no certificate and no key that can be read (inspect says why)`,
  )
}

/** The key of an authority is no caller's either. */
function identityOf(finding: Finding): string | undefined {
  return finding.kind === 'entry' ? undefined : finding.identity
}
