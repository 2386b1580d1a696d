import { clientSecretName, sidecarSecretName } from '../../api/names.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { samePolicy } from '../../kes/policy.ts'
import type { Client } from '../../kube/client.ts'
import { kesIdentities } from '../../kube/resources.ts'
import type { Enroller } from '../kesIdentity/enroller.ts'
import { policyName } from '../kesIdentity/names.ts'
import type { Obstacle } from '../kesIdentity/observed.ts'
import { policyFor } from '../kesIdentity/policyFor.ts'
import { policiesIn } from './configuration.ts'
import { observeSidecarSecret } from './secret.ts'

/**
 * A KES inside MinIO pods: it knows an identity because its configuration says so, from its start on. Nobody but the MinIO beside it can
 * call it, so there is no real call to wait for: the first proof is a first encrypted write. (A MinIO that KES refuses starts all the same.)
 */
export function enrolSidecar(client: Client): Enroller {
  async function carried({ metadata: { namespace } }: KesIdentity) {
    const secret = await observeSidecarSecret(client, namespace)
    const text = secret.is === 'ours' ? secret.content?.configuration : undefined
    return { secret, policies: text === undefined ? undefined : policiesIn(text) }
  }

  return {
    async observe({ identity, keyServer, hex }) {
      const { secret, policies } = await carried(identity)
      const entry = policies?.get(policyName(identity))
      const policy = entry !== undefined && samePolicy(entry, policyFor(identity, keyServer))
      const assigned = entry?.identities.includes(hex) ?? false
      if (policy && assigned) return { is: 'known', policy, assigned, call: 'configured' }
      return {
        is: 'known',
        policy,
        assigned,
        call: undefined,
        waitsFor: await waitsFor(client, identity, secret.is),
      }
    },
    // The reconciler of the Secret writes both.
    act: () => Promise.resolve(),
    async observeWithdrawal({ identity, hex }) {
      const { policies } = await carried(identity)
      const listed = [...(policies ?? [])].some(
        ([name, { identities }]) => name === policyName(identity) || (hex !== undefined && identities.includes(hex)),
      )
      return {
        is: 'known',
        listed,
        call: 'notTried',
        waitsFor: { reason: 'SidecarConfiguration', message: `the Secret ${sidecarSecretName} still carries it` },
      }
    },
    withdraw: () => Promise.resolve(),
  }
}

async function waitsFor(client: Client, { metadata, spec }: KesIdentity, secret: string): Promise<Obstacle> {
  if (secret === 'foreign')
    return {
      reason: 'SecretConflict',
      message: `the Secret ${sidecarSecretName} is not ours; rename or delete it, it is not written over`,
    }
  if (secret === 'forbidden')
    return {
      reason: 'SecretNameNotListed',
      message: `the controller may not touch a Secret called ${sidecarSecretName}: its RBAC does not name it`,
    }
  const own =
    metadata.name === clientSecretName
      ? undefined
      : await client.get(kesIdentities, { namespace: metadata.namespace, name: clientSecretName })
  const ofNamespace = own?.spec.keyServerRef.name
  return ofNamespace !== undefined && ofNamespace !== spec.keyServerRef.name
    ? {
        reason: 'SidecarOfAnother',
        message: `the KES inside the MinIO pods of this namespace is of the KeyServer ${ofNamespace}`,
      }
    : {
        reason: 'SidecarConfiguration',
        message: `waiting for the Secret ${sidecarSecretName}, with the configuration of the KES inside MinIO pods`,
      }
}
