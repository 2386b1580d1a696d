import { createAuthority, type Authority } from '../../src/pki/authority.ts'
import { newUnsealKey } from '../../src/kes/unsealKey.ts'
import { makePair, type IdentifiedPair, type Moment } from './leaf.ts'

export interface SetUpWish {
  /** The authority to issue from; none: a new one. */
  readonly authority: Authority | undefined
  readonly authorityName: string
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** Of the authority, and of both administrators. */
  readonly authorityLifetimeMs: number
  /** Of the server's and MinIO's certificates. */
  readonly lifetimeMs: number
}

/** Everything that a stateful KES starts from, and what its first client needs. */
export interface SetUp {
  readonly authority: Authority
  readonly systemAdmin: IdentifiedPair
  readonly enclaveAdmin: IdentifiedPair
  readonly client: IdentifiedPair
  /** Undefined where no name was given: then the controller makes it. */
  readonly server: IdentifiedPair | undefined
  readonly unsealKey: string
}

/**
 * Makes the four identities of a stateful KES, each with a key of its own, and the unseal key.
 *
 * KES looks at an administrator's public key only and no route changes it, so those certificates live as long as the authority.
 */
export function makeSetUp(wish: SetUpWish, moment: Moment): SetUp {
  const { authorityName, authorityLifetimeMs, lifetimeMs, dnsNames, ipAddresses } = wish
  const authority =
    wish.authority ?? createAuthority({ commonName: authorityName, lifetimeMs: authorityLifetimeMs, ...moment })
  const client = (commonName: string, lastsMs: number): IdentifiedPair =>
    makePair(
      authority,
      { commonName, organizations: [], usage: 'client', dnsNames: [], ipAddresses: [], lifetimeMs: lastsMs },
      moment,
    )
  const named = dnsNames.length + ipAddresses.length > 0
  return {
    authority,
    systemAdmin: client('kes-injector system admin', authorityLifetimeMs),
    enclaveAdmin: client('kes-injector enclave admin', authorityLifetimeMs),
    client: client('kes-injector client', lifetimeMs),
    server: named
      ? makePair(
          authority,
          {
            commonName: 'kes-injector key server',
            organizations: [],
            usage: 'server',
            dnsNames,
            ipAddresses,
            lifetimeMs,
          },
          moment,
        )
      : undefined,
    unsealKey: newUnsealKey(moment.random),
  }
}
