import { chooseKey } from '../../injection/keyChoice.ts'
import { pods, type Pod } from '../../kube/resources.ts'
import { seeAll, type Cluster } from '../cluster.ts'
import { columns, oneLine } from '../columns.ts'
import { tenants, type Tenant } from '../resources.ts'
import { itemsOf, type Seen } from '../seen.ts'
import type { Surroundings } from '../surroundings.ts'
import { findingLines, isWell, problem, warning, type Finding, type Told } from '../told.ts'
import { identityFindings } from './identityFindings.ts'
import { askPod, askTenant } from './request.ts'
import { verdictOf, type Verdict } from './verdict.ts'

/** The Tenants and pods of a namespace. */
export interface Inhabitants {
  readonly tenants: Seen<readonly Tenant[]>
  readonly pods: Seen<readonly Pod[]>
}

export async function observeInhabitants({ client }: Pick<Cluster, 'client'>, namespace: string): Promise<Inhabitants> {
  const [ofTenants, ofPods] = await Promise.all([
    seeAll(client, tenants, { namespace }),
    seeAll(client, pods, { namespace }),
  ])
  return { tenants: ofTenants, pods: ofPods }
}

/** An object of a namespace that has to do with MinIO, and what is decided about it. */
export interface Inhabitant {
  readonly kind: 'tenant' | 'pod'
  readonly name: string
  readonly verdict: Verdict
}

/** Every Tenant, and every pod with MinIO in it that is no Tenant's. */
export function inhabitantsOf(
  { tenants: seenTenants, pods: seenPods }: Inhabitants,
  { context }: Surroundings,
): readonly Inhabitant[] {
  const { name } = context.namespace
  const ofTenants = itemsOf(seenTenants).map((each) => ({
    kind: 'tenant' as const,
    name: each.metadata.name,
    verdict: verdictOf(askTenant(each, each, name), context),
  }))
  const ofPods = itemsOf(seenPods)
    .map((each) => ({
      kind: 'pod' as const,
      name: each.metadata.name,
      verdict: verdictOf(askPod(each, name), context),
    }))
    .filter(({ verdict }) => verdict.reason !== 'NotMinio' && verdict.reason !== 'OperatorPod')
  return [...ofTenants, ...ofPods]
}

/** Explains a namespace: whether it opted in, for which key of which server, and what of it is connected. Pure. */
export function tellNamespace(inhabitants: Inhabitants, surroundings: Surroundings, now: Date): Told {
  const { context, identity, secret, notAsked } = surroundings
  const { name } = context.namespace
  const choice = chooseKey({}, context)
  const all = inhabitantsOf(inhabitants, surroundings)
  const refused = 'outcome' in choice
  const findings: readonly Finding[] = [
    ...surroundings.assumptions,
    ...(refused && notAsked === undefined ? [problem(`${choice.reason}: ${choice.sentence}`)] : []),
    ...(inhabitants.tenants.is === 'hidden' ? [warning('you may not list Tenants')] : []),
    ...(inhabitants.pods.is === 'hidden' ? [warning('you may not list pods')] : []),
    ...(notAsked === undefined ? [...identityFindings(name, identity, secret, now), ...all.flatMap(unconnected)] : []),
  ]
  const text = [
    `namespace/${name}`,
    notAsked === undefined ? 'opted in: MinIO that is created here is connected' : `not connected: ${notAsked}`,
    refused
      ? `  it could have no key: ${choice.reason}: ${choice.sentence}`
      : `  key server ${choice.keyServer}, key ${choice.keyName}`,
    '',
    ...(all.length === 0
      ? ['There is no MinIO in it.']
      : columns(
          ['OBJECT', 'RULE', 'KEY SERVER', 'KEY'],
          all.map(({ kind, name: each, verdict }) => [
            `${kind}/${each}`,
            verdict.reason,
            connectedTo(verdict)?.keyServer ?? '-',
            connectedTo(verdict)?.keyName ?? '-',
          ]),
        )),
    ...(findings.length === 0 ? [] : ['', ...findingLines(findings)]),
  ]
  const data = {
    kind: 'namespace',
    name,
    notAsked,
    choice,
    objects: all.map(({ kind, name: each, verdict }) => ({
      kind,
      name: each,
      reason: verdict.reason,
      sentence: verdict.sentence,
      ...connectedTo(verdict),
    })),
    findings,
  }
  return { text: text.map(oneLine), data, ok: isWell(findings) }
}

/** What an object is connected to as it is stored. */
function connectedTo({
  outcome,
  connection,
}: Verdict): { readonly keyServer: string; readonly keyName: string } | undefined {
  return outcome === 'inject' || !connection
    ? undefined
    : { keyServer: connection.keyServer, keyName: connection.keyName }
}

function unconnected({ kind, name, verdict }: Inhabitant): readonly Finding[] {
  if (kind === 'pod' && verdict.reason === 'Injected')
    return [
      problem(
        `pod ${name}: runs without KES, because nothing connected it when it was created: delete it, so that it is created again`,
      ),
    ]
  if (verdict.reason === 'RunningTenant')
    return [warning(`Tenant ${name}: ${verdict.sentence}: kubectl kes inject tenant/${name}`)]
  return verdict.outcome === 'deny' ? [problem(`${kind} ${name}: ${verdict.sentence}`)] : []
}
