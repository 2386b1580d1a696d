import type { X509Certificate } from 'node:crypto'
import { fingerprintOf } from './certificateFacts.ts'
import { certificatesIn } from './pair.ts'

/** Splits a trust bundle into its certificates, each in one PEM block. Throws when anything else stands in it. */
export function splitBundle(bundlePem: string): readonly string[] {
  return certificatesIn(bundlePem).map((certificate) => certificate.toString())
}

/**
 * Joins trust bundles into one: each certificate once, none that has ended by `now`, the newest first.
 *
 * The same certificates give the same text in whatever order they came, so that an unchanged bundle is not written
 * again. The answer is empty when nothing valid was handed in: whoever publishes it must refuse that.
 */
export function mergeBundles(bundlesPem: readonly string[], now: Date): string {
  const unique = new Map<string, X509Certificate>()
  for (const certificate of bundlesPem.flatMap(certificatesIn)) unique.set(fingerprintOf(certificate), certificate)
  return [...unique]
    .filter(([, certificate]) => certificate.validToDate.getTime() > now.getTime())
    .sort(
      ([leftFingerprint, left], [rightFingerprint, right]) =>
        right.validFromDate.getTime() - left.validFromDate.getTime() || (leftFingerprint < rightFingerprint ? -1 : 1),
    )
    .map(([, certificate]) => certificate.toString())
    .join('')
}
