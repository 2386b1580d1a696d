import type { KesIdentity } from '../../api/kesIdentity.ts'
import { kindOf, type KeyServer } from '../../api/keyServer.ts'
import { annotations, clientSecretName, defaultKeyServer } from '../../api/names.ts'
import { columns } from '../columns.ts'
import { conditionsSaid, readyOf } from '../conditionsSaid.ts'
import { itemsOf, type Seen } from '../seen.ts'
import { findingLines, isWell, problem, warning, type Finding, type Told } from '../told.ts'
import { when } from '../when.ts'
import type { Observed } from './observe.ts'

/** Key servers, identities, namespaces, and what waits for what. Pure. */
export function tellStatus(observed: Observed, now: Date): Told {
  const servers = itemsOf(observed.keyServers)
  const identities = itemsOf(observed.identities)
  const optedIn = itemsOf(observed.namespaces).filter(
    ({ metadata }) => observed.namespace === undefined || metadata.name === observed.namespace,
  )
  const findings = [
    ...unseen('KeyServers', observed.keyServers),
    ...servers.flatMap(({ metadata, status }) => conditionsSaid(`KeyServer ${metadata.name}`, status?.conditions)),
    ...unseen('KesIdentities', observed.identities),
    ...identities.flatMap((each) => conditionsSaid(`KesIdentity ${placeOf(each)}`, each.status?.conditions)),
    ...unseen('namespaces', observed.namespaces),
    ...(observed.identities.is === 'found'
      ? optedIn
          .filter(({ metadata }) => !hasIdentity(identities, metadata.name))
          .map(({ metadata }) => orphan(metadata.name))
      : []),
  ]
  const text = [
    ...section(
      'KEY SERVERS',
      serverHead,
      servers.map((each) => serverRow(each, now)),
    ),
    ...section(
      'IDENTITIES',
      identityHead,
      identities.map((each) => identityRow(each, now)),
    ),
    ...section(
      'NAMESPACES THAT OPTED IN',
      ['NAMESPACE', 'KEY SERVER'],
      optedIn.map(({ metadata }) => [metadata.name, metadata.annotations?.[annotations.keyServer] ?? defaultKeyServer]),
    ),
    ...identities.flatMap(toEnrol),
    findings.length === 0 ? 'Nothing waits.' : 'WHAT WAITS, AND WHAT TO KNOW',
    ...findingLines(findings),
  ]
  const data = {
    keyServers: servers.map((each) => ({ name: each.metadata.name, kind: kindOf(each.spec), ...each.status })),
    identities: identities.map(({ metadata: { namespace, name }, spec, status }) => ({
      namespace,
      name,
      keyServer: spec.keyServerRef.name,
      secret: spec.secretName,
      ...status,
    })),
    namespaces: optedIn.map(({ metadata }) => metadata.name),
    findings,
  }
  return { text, data, ok: isWell(findings) }
}

const placeOf = ({ metadata: { namespace, name } }: KesIdentity): string => `${namespace}/${name}`

const hasIdentity = (identities: readonly KesIdentity[], namespace: string): boolean =>
  identities.some(({ metadata }) => metadata.namespace === namespace && metadata.name === clientSecretName)

const orphan = (namespace: string): Finding =>
  problem(`namespace ${namespace} opted in and has no KesIdentity ${clientSecretName}: does a controller run?`)

function unseen(what: string, { is }: Seen<unknown>): readonly Finding[] {
  if (is === 'hidden') return [warning(`${what} are not shown: you may not list them`)]
  return is === 'unknownKind' ? [problem(`${what}: the kind is not installed in this cluster`)] : []
}

const serverHead = ['NAME', 'KIND', 'READY', 'KEYS', 'REPLICAS', 'CERTIFICATE ENDS', 'AUTHORITY ENDS', 'ENDPOINT']

function serverRow({ metadata, spec, status }: KeyServer, now: Date): readonly string[] {
  const replicas = status?.replicas ?? []
  const ends = replicas.flatMap(({ certificateNotAfter }) => certificateNotAfter ?? []).toSorted()
  return [
    metadata.name,
    kindOf(spec) ?? '?',
    readyOf(status?.conditions),
    String(status?.keys?.length ?? 0),
    spec.external ? '-' : String(replicas.length),
    when(ends[0], now),
    when(status?.authority?.notAfter, now),
    status?.endpoint ?? '-',
  ]
}

const identityHead = ['NAMESPACE', 'NAME', 'KEY SERVER', 'KEY', 'READY', 'ENDS', 'RENEWED', 'IDENTITY']

const identityRow = ({ metadata, spec, status }: KesIdentity, now: Date): readonly string[] => [
  metadata.namespace,
  metadata.name,
  spec.keyServerRef.name,
  status?.keyName ?? spec.keyName ?? '-',
  readyOf(status?.conditions),
  when(status?.notAfter, now),
  when(status?.renewalTime, now),
  status?.identity ?? '-',
]

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [title, ...(rows.length === 0 ? ['none'] : columns(head, rows)), '']
}

/** Where nobody but a person can enrol an identity: what to paste, as the controller wrote it. */
function toEnrol(identity: KesIdentity): readonly string[] {
  const { enrol, identity: hex } = identity.status ?? {}
  if (!enrol) return []
  return [
    `TO ENROL: ${placeOf(identity)}, identity ${hex ?? 'not known yet'}`,
    `Add this to the policies of the key server ${identity.spec.keyServerRef.name} (its policy is called ${enrol.policy}):`,
    '',
    ...enrol.configuration.split('\n').map((line) => `  ${printable(line)}`.trimEnd()),
    '',
  ]
}

/** A line of YAML keeps its spaces. */
const printable = (line: string): string => line.toWellFormed().replaceAll(/\p{Cc}/gu, '')
