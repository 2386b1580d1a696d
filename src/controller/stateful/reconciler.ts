import { annotations, keyServerEndpoint, keyServerWorkload, labels } from '../../api/names.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import type { Client } from '../../kube/client.ts'
import type { KubeObject, Resource } from '../../kube/object.ts'
import {
  keyServers,
  networkPolicies,
  pods,
  secrets,
  services,
  statefulSets,
  type Secret,
  type StatefulSet,
} from '../../kube/resources.ts'
import { broken, found, foundPair, missing, secretText, type Found } from '../found.ts'
import type { KesDoor } from '../kesDoor.ts'
import { appliedState, type Applied } from '../keyServer/applied.ts'
import { actElsewhere } from '../keyServer/issuedElsewhere.ts'
import { materialName, type Material } from '../keyServer/material.ts'
import type { Issuer } from '../issuance/issuer.ts'
import { networkPolicyOf } from '../keyServer/networkPolicy.ts'
import { podFacts } from '../keyServer/podFacts.ts'
import { serverAsk } from '../keyServer/servedCertificate.ts'
import { dnsNamesOf, serviceOf } from '../keyServer/service.ts'
import { namespacesOf, refusedKeys, wantedKeys } from '../keyServer/wantedKeys.ts'
import type { Reconciler } from '../reconciler.ts'
import { foundAuthority, foundTrust } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import { existingFacts, existingMaterial, unsealFingerprint } from './existing.ts'
import { materialMaker } from './makeMaterial.ts'
import type { AdminFacts, Observed } from './observed.ts'
import { plan, type Step } from './plan.ts'
import { serverOf } from './server.ts'
import { isStuck, mountingPod } from './podsAround.ts'
import { claimName, imageOf, statefulSetOf, type WorkloadSettings } from './workload.ts'

const fieldManager = 'kes-injector'

export interface Edges extends WorkloadSettings {
  readonly client: Client
  readonly door: KesDoor
  /** Who signs where `certificates.issuerRef` says so. */
  readonly issuer: Issuer
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly tell: Tell
  readonly clusterDomain: string
  /** Whether key servers get a NetworkPolicy. */
  readonly networkPolicies: boolean
  /** The identities that want a key of this server. */
  readonly identitiesOf: (keyServer: string) => readonly KesIdentity[]
}

function unsealKeyFacts(secret: Secret | undefined): Found<string> {
  if (!secret) return missing
  const key = secretText(secret, 'key')
  return key === undefined ? broken('there is no `key` in it') : found(unsealFingerprint(key))
}

function adminFacts(secret: Secret | undefined): Found<AdminFacts> {
  const pair = foundPair(secret)
  return pair.is === 'found' ? found({ identity: identityOf(pair.value.pem.certificatePem), pair: pair.value }) : pair
}

/** Runs the stateful KES of a KeyServer, its authority and its keys. */
export function statefulReconciler(edges: Edges): Reconciler<Observed, Step, KeyServerStatus> {
  const { client, door, issuer, now, tell, releaseNamespace, clusterDomain, identitiesOf } = edges
  const material = existingMaterial(client, releaseNamespace)
  const make = materialMaker({ ...edges, existing: material })

  const secretOf = (keyServer: string, material: Material) =>
    client.get(secrets, { namespace: releaseNamespace, name: materialName(keyServer, material) })

  const networkPolicyFor = (keyServer: KeyServer) =>
    networkPolicyOf(keyServer, releaseNamespace, namespacesOf(identitiesOf(keyServer.metadata.name)))

  /** A set that somebody scaled is not as it should be: at 0 nobody can read, and 2 would be two processes on one volume. */
  function statefulSetState(keyServer: KeyServer, live: StatefulSet | undefined): Applied {
    const state = appliedState(statefulSetOf(keyServer, edges), live)
    return state === 'current' && live?.spec?.replicas !== 1 ? 'differs' : state
  }

  /** Pods of its own set do not count: a second one of them is the reason to scale it back. */
  async function mountedBy(keyServer: KeyServer): Promise<string | undefined> {
    const { items } = await client.list(pods, { namespace: releaseNamespace })
    const others = items.filter(({ metadata }) => metadata.labels?.[labels.keyServer] !== keyServer.metadata.name)
    return mountingPod(others, claimName(keyServer))
  }

  const apply = async (resource: Resource, object: KubeObject) => {
    await client.apply(resource, object, { fieldManager, force: true })
  }

  return {
    name: 'keyServer',
    plan,
    async observe(name) {
      const keyServer = await client.get(keyServers, { name })
      if (!keyServer?.spec.stateful) return undefined
      const workload = { namespace: releaseNamespace, name: keyServerWorkload(name) }
      const [authority, unseal, system, enclave, server, init, service, statefulSet, networkPolicy, pod] =
        await Promise.all([
          secretOf(name, 'authority-1'),
          secretOf(name, 'unseal'),
          secretOf(name, 'system-admin'),
          secretOf(name, 'enclave-admin'),
          secretOf(name, 'server'),
          secretOf(name, 'init'),
          client.get(services, workload),
          client.get(statefulSets, workload),
          client.get(networkPolicies, workload),
          client.get(pods, { namespace: releaseNamespace, name: `${workload.name}-0` }),
        ])
      const facts = pod && podFacts(pod)
      for (const [identity, note] of refusedKeys(keyServer, identitiesOf(name)))
        tell(identity, 'Warning', 'KeysInvalid', note)
      const applied = statefulSetState(keyServer, statefulSet)
      const certified = {
        keyServer,
        status: keyServer.status ?? {},
        dnsNames: dnsNamesOf(name, releaseNamespace, clusterDomain),
        authority: keyServer.spec.certificates.issuerRef ? foundTrust(authority) : foundAuthority(authority),
        serverCertificate: foundPair(server),
      }
      const ask = serverAsk(certified)
      return {
        keyServer,
        status: keyServer.status ?? {},
        endpoint: keyServerEndpoint(name, releaseNamespace),
        dnsNames: certified.dnsNames,
        image: imageOf(keyServer, edges),
        existing: await existingFacts(material, keyServer),
        authority: certified.authority,
        unsealKey: unsealKeyFacts(unseal),
        markedAt: unseal?.metadata.annotations?.[annotations.initializedAt],
        systemAdmin: adminFacts(system),
        enclaveAdmin: adminFacts(enclave),
        serverCertificate: certified.serverCertificate,
        issuance: ask ? await issuer.observe(ask) : { is: 'ours' },
        initConfig: init !== undefined,
        service: appliedState(serviceOf(keyServer, releaseNamespace), service),
        statefulSet: applied,
        networkPolicy: edges.networkPolicies ? appliedState(networkPolicyFor(keyServer), networkPolicy) : 'current',
        pod: facts,
        podStuck: applied === 'current' && isStuck(pod, statefulSet),
        mountedBy: applied === 'current' ? undefined : await mountedBy(keyServer),
        server: await serverOf(door, keyServer, facts, now),
        wantedKeys: wantedKeys(keyServer, identitiesOf(name)),
      }
    },
    async writeStatus({ keyServer }, status) {
      await client.updateStatus<KeyServer>(keyServers, { ...keyServer, status })
    },
    async act(step, observed) {
      const { keyServer } = observed
      switch (step.do) {
        case 'createAuthority':
          return make.authority(keyServer)
        case 'createUnsealKey':
          return make.unsealKey(keyServer)
        case 'createAdmin':
          return make.admin(keyServer, step.admin)
        case 'takeAuthority':
          return make.takeAuthority(keyServer)
        case 'takeUnsealKey':
          return make.takeUnsealKey(keyServer)
        case 'takeAdmin':
          return make.takeAdmin(keyServer, step.admin)
        case 'issueServerCertificate':
          return make.serverCertificate(observed)
        case 'requestServerCertificate':
        case 'dropServerRequest':
        case 'recordAuthority':
        case 'takeServerCertificate':
          return actElsewhere(issuer, make, step.do, observed)
        case 'writeInitConfig':
          return make.initConfig(observed)
        case 'removeInitConfig':
          return make.removeInitConfig(keyServer)
        case 'markInitialized':
          return make.markInitialized(keyServer, observed.status.initializedAt)
        case 'applyService':
          return apply(services, serviceOf(keyServer, releaseNamespace))
        case 'applyNetworkPolicy':
          return apply(networkPolicies, networkPolicyFor(keyServer))
        case 'applyStatefulSet':
          if (observed.pod)
            tell(
              keyServer,
              'Normal',
              'Restarting',
              `the pod of the key server is replaced: a short pause (${observed.image})`,
            )
          return apply(statefulSets, statefulSetOf(keyServer, edges))
        case 'replacePod':
          tell(keyServer, 'Warning', 'PodReplaced', 'its pod was of a former template and did not come up')
          await client.delete(pods, {
            namespace: releaseNamespace,
            name: `${keyServerWorkload(keyServer.metadata.name)}-0`,
          })
          return
        case 'createKey': {
          await door.asAdmin(keyServer, async (kes) => {
            // A creation of a key that exists replaces it after a restart, and what it encrypted is lost: ask first, every time (facts: KES 0.2).
            if ((await kes.describeKey(step.key)) === undefined) await kes.createKey(step.key)
          })
          tell(keyServer, 'Normal', 'KeyCreated', `made the key ${step.key}`)
        }
      }
    },
  }
}
