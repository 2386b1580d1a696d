import { apiVersion, labels } from '../../api/names.ts'
import { KesIdentitySpec, type KesIdentity } from '../../api/kesIdentity.ts'
import type { Client } from '../../kube/client.ts'
import { kesIdentities, namespaces } from '../../kube/resources.ts'
import type { Reconciler } from '../reconciler.ts'
import type { Tell } from '../tell.ts'
import { identityName, plan, refusals, type Observed, type Step } from './plan.ts'

export interface Edges {
  readonly client: Client
  readonly tell: Tell
}

/** Gives each opted-in namespace its KesIdentity. */
export function namespaceReconciler({ client, tell }: Edges): Reconciler<Observed, Step, undefined> {
  return {
    name: 'namespace',
    plan,
    writeStatus: () => Promise.resolve(),
    async observe(name) {
      const [namespace, identity] = await Promise.all([
        client.get(namespaces, { name }),
        client.get(kesIdentities, { namespace: name, name: identityName }),
      ])
      if (!namespace) return undefined
      const observed: Observed = {
        name,
        labels: namespace.metadata.labels ?? {},
        annotations: namespace.metadata.annotations ?? {},
        deleting: namespace.metadata.deletionTimestamp !== undefined,
        identity,
        status: undefined,
      }
      for (const { reason, note } of refusals(observed)) tell(identity ?? namespace, 'Warning', reason, note)
      return observed
    },
    async act(step, { name, identity }) {
      switch (step.do) {
        case 'createIdentity': {
          const spec = KesIdentitySpec.parse({
            keyServerRef: { name: step.keyServer },
            ...(step.keyName === undefined ? {} : { keyName: step.keyName }),
            ...(step.keys === undefined ? {} : { keys: step.keys }),
          })
          await client.create<KesIdentity>(kesIdentities, {
            apiVersion,
            kind: 'KesIdentity',
            metadata: { namespace: name, name: identityName, labels: { [labels.managedBy]: 'kes-injector' } },
            spec,
          })
          return
        }
        case 'changeKeys': {
          if (!identity) return
          const { keyName: _, keys: __, ...spec } = identity.spec
          await client.update<KesIdentity>(kesIdentities, {
            ...identity,
            spec: {
              ...spec,
              ...(step.keyName === undefined ? {} : { keyName: step.keyName }),
              ...(step.keys === undefined ? {} : { keys: [...step.keys] }),
            },
          })
        }
      }
    },
  }
}
