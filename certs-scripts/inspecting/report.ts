import type { CertificateFinding, Finding, KeyFinding } from './inspect.ts'
import type { Problem } from './problems.ts'

type Row = readonly [label: string, value: string]

/** The findings for people: a paragraph each, problems below it. */
export function reportText(findings: readonly Finding[]): string {
  return `${findings.map(paragraph).join('\n')}\n${summary(findings)}\n`
}

export const countOf = (findings: readonly Finding[], severity: Problem['severity']): number =>
  findings.flatMap(({ problems }) => problems).filter((one) => one.severity === severity).length

function summary(findings: readonly Finding[]): string {
  const [errors, warnings] = [countOf(findings, 'error'), countOf(findings, 'warning')]
  return `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
}

const counted = (count: number, what: string): string =>
  `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`

function paragraph(finding: Finding): string {
  const rows = rowsOf(finding).map(([label, value]) => `  ${label.padEnd(9)} ${value}\n`)
  const marks = finding.problems.map(
    ({ code, severity, message }) => `  ${severity === 'error' ? '!!' : ' !'} ${code}: ${message}\n`,
  )
  return `${printable(finding.place)}: ${titleOf(finding)}\n${rows.join('')}${marks.join('')}`
}

function titleOf(finding: Finding): string {
  switch (finding.kind) {
    case 'certificate':
      return finding.role === 'authority' ? 'certificate of an authority' : `certificate (${finding.role})`
    case 'key':
      return `private key, ${finding.algorithm}`
    case 'entry':
      return finding.holds
  }
}

function rowsOf(finding: Finding): readonly Row[] {
  if (finding.kind === 'certificate') return certificateRows(finding)
  return finding.kind === 'key' ? keyRows(finding) : []
}

function certificateRows(finding: CertificateFinding): readonly Row[] {
  const { subject, issuer, dnsNames, ipAddresses, notAfter, endsInMs, identity, key, chain, path, role } = finding
  const names = [...dnsNames, ...ipAddresses]
  return [
    ['subject', printable(subject)],
    ...(role === 'authority' ? [] : [['names', printable(names.join(', ')) || 'none'] as const]),
    ['ends', `${notAfter}, ${distance(endsInMs)}`],
    ...(identity === undefined ? [] : [['identity', identity] as const]),
    ['key', key === undefined ? 'not here' : `matches ${printable(key)}`],
    ['chain', chainText(chain, printable(issuer), path.map(printable))],
  ]
}

function chainText(chain: CertificateFinding['chain'], issuer: string, path: readonly string[]): string {
  switch (chain) {
    case 'root':
      return 'is a root itself'
    case 'complete':
      return `issued by ${path.join(', then ')}`
    case 'broken':
      return `issued by ${issuer}: not one of those at hand`
    case 'unknown':
      return `issued by ${issuer}: not checked, no authority at hand (--ca)`
  }
}

const keyRows = ({ identity, certificates }: KeyFinding): readonly Row[] => [
  ['identity', identity],
  ['for', certificates.length === 0 ? 'no certificate here' : certificates.map(printable).join('; ')],
]

const dayMs = 86_400_000
const hourMs = 3_600_000

/** `in 89 days`, `3 hours ago`: whole ones, rounded towards now. */
export function distance(ms: number): string {
  const size = Math.abs(ms)
  const [count, unit] =
    size >= 2 * dayMs
      ? [Math.floor(size / dayMs), 'days']
      : size >= 2 * hourMs
        ? [Math.floor(size / hourMs), 'hours']
        : [Math.floor(size / 60_000), 'minutes']
  return ms < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`
}

/** Whoever made the certificate chose its names: nothing of them may steer a terminal. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}')
