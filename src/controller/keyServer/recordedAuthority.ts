import type { KeyServerStatus } from '../../api/keyServer.ts'
import type { Found } from '../found.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

interface Recorded {
  readonly status: Pick<KeyServerStatus, 'authority'>
  readonly authority: Found<AuthorityFacts>
}

/** What the status says of the authority: the first that is seen, and never another one. */
export function recordedAuthority({ status, authority }: Recorded): Pick<KeyServerStatus, 'authority'> {
  if (status.authority) return { authority: status.authority }
  if (authority.is !== 'found') return {}
  const { fingerprint, notAfter } = authority.value
  return { authority: { fingerprint, notAfter: notAfter.toISOString(), generation: 1 } }
}

/** A recorded value against what was found. What cannot be read is a loss even where nothing was recorded: it is not written over. */
export function lossOf(recorded: string | undefined, present: Found<string>): string | undefined {
  if (present.is === 'broken') return `cannot be read (${present.why})`
  if (recorded === undefined) return undefined
  if (present.is === 'missing') return 'is gone'
  return present.value === recorded ? undefined : 'is not the one that was recorded'
}

/** MinIO reads its trust only at its start: another authority would shut every running MinIO out at the next connection. */
export function authorityLost({
  status,
  authority,
}: Recorded): { readonly reason: 'AuthorityLost'; readonly message: string } | undefined {
  const present = authority.is === 'found' ? ({ is: 'found', value: authority.value.fingerprint } as const) : authority
  const how = lossOf(status.authority?.fingerprint, present)
  return how === undefined
    ? undefined
    : {
        reason: 'AuthorityLost',
        message: `the authority's Secret ${how}. Restore it from a backup; the certificates in use go on working`,
      }
}
