import fc from 'fast-check'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { isTrue } from '../../src/api/conditions.ts'
import { keyServers, pods, secrets } from '../../src/kube/resources.ts'
import { now } from '../unit/controller/pairs.ts'
import {
  at,
  bringUp,
  configOf,
  good,
  issued,
  newCluster,
  nodeWorks,
  run,
  section,
  statusOf,
  wrong,
  type Cluster,
} from '../unit/controller/server/world.ts'

/** What happens to a key server besides what its controller does. */
type Happening =
  | {
      readonly is:
        'keystoreAway' | 'keystoreBack' | 'sectionWrong' | 'sectionGood' | 'podDies' | 'agentsSleep' | 'agentsWake'
    }
  | { readonly is: 'joins' | 'leaves'; readonly who: number }
  /** The controller dies at its nth write of this round. */
  | { readonly is: 'killed'; readonly nth: number }

const simple = [
  'keystoreAway',
  'keystoreBack',
  'sectionWrong',
  'sectionGood',
  'podDies',
  'agentsSleep',
  'agentsWake',
] as const
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ is: fc.constantFrom(...simple) }),
  fc.record({ is: fc.constantFrom('joins' as const, 'leaves' as const), who: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ is: fc.constant('killed' as const), nth: fc.integer({ min: 1, max: 4 }) }),
)

const namespaceOf = (who: number) => `team-${who}`
const hexOf = (who: number) => String(who).repeat(64)

function happens(cluster: Cluster, what: Happening): void {
  const { client, kes } = cluster
  switch (what.is) {
    case 'keystoreAway':
    case 'keystoreBack':
      kes.keystoreReachable = what.is === 'keystoreBack'
      return
    case 'sectionWrong':
    case 'sectionGood':
      client.place(secrets, section(what.is === 'sectionGood' ? good : wrong))
      return
    case 'podDies':
      // KES does not start without its key store.
      if (kes.keystoreReachable && client.at(pods, at('kes-default-0'))) kes.start('kes-default-0')
      return
    case 'agentsSleep':
      for (const pod of ['kes-default-0', 'kes-default-1']) kes.asleep.add(pod)
      return
    case 'agentsWake':
      kes.asleep.clear()
      return
    case 'joins':
      if (!cluster.identities.some(({ metadata }) => metadata.namespace === namespaceOf(what.who)))
        cluster.identities = [...cluster.identities, issued(namespaceOf(what.who), hexOf(what.who))]
      return
    case 'leaves':
      cluster.identities = cluster.identities.map((each) =>
        each.metadata.namespace === namespaceOf(what.who)
          ? { ...each, metadata: { ...each.metadata, deletionTimestamp: now.toISOString() } }
          : each,
      )
      return
    default:
  }
}

async function round(cluster: Cluster, what: Happening): Promise<void> {
  let count = 0
  const { client, kes } = cluster
  client.onWrite = kes.onWrite = (moment) => {
    if (what.is === 'killed' && moment === 'after' && ++count === what.nth) throw new Error('killed')
  }
  happens(cluster, what)
  try {
    await run(cluster)
  } catch (error) {
    // A key store that goes away between two calls is an error to be tried again; so is a death.
    if (!(error instanceof Error && (error.message === 'killed' || error.name === 'KesError'))) throw error
  }
  client.onWrite = kes.onWrite = () => undefined
  nodeWorks(cluster)
}

const membersIn = (text: string | undefined): readonly string[] => {
  const { policy = {} } = (parse(text ?? '') ?? {}) as {
    readonly policy?: Readonly<Record<string, { readonly identities: string[] }>>
  }
  return Object.values(policy).flatMap(({ identities }) => identities)
}

describe('a current KES, whatever happens in whatever order', () => {
  it('never makes a key twice, never shuts out who stays, never gives one identity two policies, and ends ready', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 14 }), async (happenings) => {
        const cluster = newCluster([issued('team-0', hexOf(0))])
        await bringUp(cluster)
        const { authority } = statusOf(cluster) ?? {}
        for (const what of happenings) {
          const before = membersIn(configOf(cluster))
          await round(cluster, what)
          const members = membersIn(configOf(cluster))
          expect(new Set(members).size).toBe(members.length)
          const staying = cluster.identities.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
          for (const { status } of staying)
            if (before.includes(status?.identity ?? '')) expect(members).toContain(status?.identity)
          expect(isTrue(statusOf(cluster)?.conditions, 'Stalled')).toBe(false)
          expect(new Set(cluster.kes.created).size).toBe(cluster.kes.created.length)
          expect(statusOf(cluster)?.authority).toEqual(authority)
        }
        for (const is of ['keystoreBack', 'sectionGood', 'agentsWake'] as const) happens(cluster, { is })
        await bringUp(cluster)
        const { status } = cluster.client.at(keyServers, { name: 'default' }) ?? {}
        expect(isTrue(status?.conditions, 'Ready')).toBe(true)
        expect(isTrue(status?.conditions, 'ConfigurationLoaded')).toBe(true)
        const wanted = cluster.identities.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        expect([...membersIn(configOf(cluster))].sort()).toEqual(
          wanted.map((each) => each.status?.identity ?? '').sort(),
        )
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})
