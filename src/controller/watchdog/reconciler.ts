import { isTrue, withCondition } from '../../api/conditions.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { Client } from '../../kube/client.ts'
import { kesIdentities, keyServers, pods } from '../../kube/resources.ts'
import type { Reconciler } from '../reconciler.ts'
import type { Tell } from '../tell.ts'
import type { Callers } from './callers.ts'
import { connectedPods } from './connectedPods.ts'
import type { Followers } from './followers.ts'
import type { Observed, Watched } from './observed.ts'
import { isSuspect, plan, type Step } from './plan.ts'

export interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly tell: Tell
  readonly callers: Callers
  readonly followers: Followers
  /** The identities of a key server, from memory. */
  readonly identitiesOf: (keyServer: string) => readonly KesIdentity[]
}

/** Watches who calls the stateful key servers; one key a KeyServer. */
export function watchdogReconciler({
  client,
  now,
  tell,
  callers,
  followers,
  identitiesOf,
}: Edges): Reconciler<Observed, Step, undefined> {
  async function watchedOf(identity: KesIdentity, followedSince: Date | undefined): Promise<Watched> {
    const seenAt = callers.seenAt(identity.status?.identity ?? '')
    if (!isSuspect({ identity, seenAt }, followedSince, now())) return { identity, seenAt, pods: undefined }
    const { items } = await client.list(pods, { namespace: identity.metadata.namespace })
    return { identity, seenAt, pods: connectedPods(items) }
  }

  return {
    name: 'watchdog',
    plan,
    writeStatus: () => Promise.resolve(),
    async observe(name) {
      const keyServer = await client.get(keyServers, { name })
      const wanted = keyServer?.spec.stateful?.followCalls && isTrue(keyServer.status?.conditions, 'Serving')
      if (!keyServer || !wanted) {
        followers.leave(name)
        return undefined
      }
      followers.follow(keyServer)
      const followedSince = callers.followedSince(name)
      const watched: Watched[] = []
      for (const identity of identitiesOf(name)) watched.push(await watchedOf(identity, followedSince))
      return { keyServer, followedSince, watched, status: undefined }
    },
    async act({ identity: { metadata }, lastSeen, claim, pods: silent }) {
      const identity = await client.get(kesIdentities, { namespace: metadata.namespace, name: metadata.name })
      if (!identity) return
      const status = {
        ...identity.status,
        ...(lastSeen === undefined ? {} : { lastSeen }),
        conditions: withCondition(identity.status?.conditions ?? [], claim, now(), identity.metadata.generation),
      }
      await client.updateStatus<KesIdentity>(kesIdentities, { ...identity, status })
      if (silent.length === 0) return
      tell(identity, 'Warning', claim.reason, claim.message)
      for (const name of silent) {
        const pod = await client.get(pods, { namespace: metadata.namespace, name })
        if (pod) tell(pod, 'Warning', claim.reason, claim.message)
      }
    },
  }
}
