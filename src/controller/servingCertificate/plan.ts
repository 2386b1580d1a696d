import { mergeBundles, splitBundle } from '../../pki/bundle.ts'
import { renewalTime, violation, type WantedCertificate } from '../../pki/renewal.ts'
import type { Found, StoredPair } from '../found.ts'
import type { Plan } from '../reconciler.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

const hourMs = 3_600_000

/** The webhook's own certificates: short-lived, since a swap is free and nothing but the API server trusts them. */
export const lifetimes = { authorityMs: 5 * 365 * 24 * hourMs, leafMs: 30 * 24 * hourMs, renewAt: 0.667 } as const

export interface Observed {
  readonly authority: Found<AuthorityFacts>
  readonly leaf: Found<StoredPair>
  /** `caBundle` of every webhook entry by its name; empty text where there is none. Undefined: the configuration is not installed. */
  readonly published: Readonly<Record<string, string>> | undefined
  readonly dnsNames: readonly string[]
  readonly status: undefined
}

export type Step =
  | { readonly do: 'createAuthority' }
  | { readonly do: 'replaceAuthority' }
  | { readonly do: 'publish'; readonly bundles: Readonly<Record<string, string>> }
  | { readonly do: 'issue' }

/** An unreadable entry is as good as none: the API server would refuse the connection either way. */
function bundleHolds(bundlePem: string, certificatePem: string): boolean {
  try {
    return splitBundle(bundlePem).includes(certificatePem)
  } catch {
    return false
  }
}

function merged(bundlePem: string, certificatePem: string, now: Date): string {
  try {
    return mergeBundles(
      [bundlePem, certificatePem].filter((each) => each.trim() !== ''),
      now,
    )
  } catch {
    return mergeBundles([certificatePem], now)
  }
}

const wantedLeaf = (authorityPem: string, dnsNames: readonly string[]): WantedCertificate => ({
  usages: ['server'],
  dnsNames,
  ipAddresses: [],
  authorityPem,
  lifetimeMs: lifetimes.leafMs,
  renewAt: lifetimes.renewAt,
  jitterSeed: dnsNames[0] ?? '',
})

/**
 * The webhook's certificate, in the one order that loses no call: an authority is published in every entry's `caBundle` beside the
 * former one before a leaf of it is served.
 *
 * Unlike a key server's authority this one may be made anew when it is gone: nobody but the API server ever trusted it, and the bundle
 * carries the change.
 */
export function plan({ authority, leaf, published, dnsNames }: Observed, now: Date): Plan<Step, undefined> {
  const next = (step: Step) => ({ status: undefined, step, recheckMs: 0 })
  if (authority.is === 'missing') return next({ do: 'createAuthority' })
  if (authority.is === 'broken') return next({ do: 'replaceAuthority' })
  const { certificatePem } = authority.value
  if (now >= renewalTime(authority.value, lifetimes.renewAt, 'webhook-authority'))
    return next({ do: 'replaceAuthority' })

  const unpublished = Object.entries(published ?? {}).filter(([, bundle]) => !bundleHolds(bundle, certificatePem))
  if (unpublished.length > 0)
    return next({
      do: 'publish',
      bundles: Object.fromEntries(unpublished.map(([name, bundle]) => [name, merged(bundle, certificatePem, now)])),
    })

  const stored = leaf.is === 'found' ? leaf.value.pem : undefined
  if (violation(stored, wantedLeaf(certificatePem, dnsNames), now)) return next({ do: 'issue' })
  // Wall-clock checks, each minute: a timer that was set for the renewal itself would sleep through a suspended machine.
  return { status: undefined, recheckMs: 60_000 }
}
