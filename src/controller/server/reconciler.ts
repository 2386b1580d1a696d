import { createHmac } from 'node:crypto'
import { annotations, keyServerEndpoint, keyServerWorkload } from '../../api/names.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { KesError } from '../../kes/kesError.ts'
import { isServerName } from '../../kes/kesName.ts'
import type { Client } from '../../kube/client.ts'
import type { KubeObject, Resource } from '../../kube/object.ts'
import {
  keyServers,
  networkPolicies,
  podDisruptionBudgets,
  pods,
  secrets,
  services,
  statefulSets,
  type Secret,
  type StatefulSet,
} from '../../kube/resources.ts'
import { foundPair, type Found, type StoredPair } from '../found.ts'
import { keptSecretName } from '../kesIdentity/names.ts'
import { appliedState, type Applied } from '../keyServer/applied.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import { materialName, type Material } from '../keyServer/material.ts'
import { networkPolicyOf } from '../keyServer/networkPolicy.ts'
import type { Issuer } from '../issuance/issuer.ts'
import { actElsewhere } from '../keyServer/issuedElsewhere.ts'
import { pairMaker } from '../keyServer/pairMaker.ts'
import { podFacts } from '../keyServer/podFacts.ts'
import { serverAsk } from '../keyServer/servedCertificate.ts'
import { dnsNamesOf, serviceOf } from '../keyServer/service.ts'
import { namespacesOf, wantedKeys } from '../keyServer/wantedKeys.ts'
import type { Reconciler } from '../reconciler.ts'
import { replicaNames, type ReplicaDoor } from '../replicaDoor.ts'
import { isStuck } from '../stateful/podsAround.ts'
import { foundAuthority, foundTrust } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import { durationMs } from '../../api/duration.ts'
import { configurationOf, type WholeConfiguration } from './configuration.ts'
import { writeConfiguration, writtenIn } from './configurationWriter.ts'
import { keystoreOf, type UsedKeystore } from './keystoreSource.ts'
import type { Observed, Replica } from './observed.ts'
import { plan, type Step } from './plan.ts'
import { policiesOf, type Member, type Policies } from './policies.ts'
import { askReplicas, atReplica, createKeys, keyHolder, keysAt } from './replicas.ts'
import { budgetOf, statefulSetOf, type WorkloadSettings } from './workload.ts'

const fieldManager = 'kes-injector'

export interface Edges extends WorkloadSettings {
  readonly client: Client
  readonly replicas: ReplicaDoor
  /** Who signs where `certificates.issuerRef` says so. */
  readonly issuer: Issuer
  readonly now: () => Date
  readonly tell: Tell
  readonly clusterDomain: string
  /** Whether key servers get a NetworkPolicy. */
  readonly networkPolicies: boolean
  /** The identities at this server. */
  readonly identitiesOf: (keyServer: string) => readonly KesIdentity[]
}

/** What was observed, with what actions need of it and plans need not see. */
interface Seen extends Observed {
  readonly configuration: WholeConfiguration | undefined
  readonly environment: string | undefined
  readonly keyHolder: string | undefined
}

const isOurs = ({ spec }: KeyServer): boolean => spec.server?.placement === 'Service'

/** Runs current KES before a key store: its pods, its configuration with everybody's identity, and its keys. */
export function serverReconciler(edges: Edges): Reconciler<Seen, Step, KeyServerStatus> {
  const { client, tell, releaseNamespace, identitiesOf } = edges
  const door = edges.replicas
  const make = pairMaker(edges)
  const here = (name: string) => ({ namespace: releaseNamespace, name })
  const secretOf = (name: string) => client.get(secrets, here(name))
  const materialOf = (keyServer: string, material: Material) => secretOf(materialName(keyServer, material))

  const apply = async (resource: Resource, object: KubeObject) => {
    await client.apply(resource, object, { fieldManager, force: true })
  }

  const networkPolicyFor = (keyServer: KeyServer) =>
    networkPolicyOf(keyServer, releaseNamespace, namespacesOf(identitiesOf(keyServer.metadata.name)))

  /** Who is who. A status that was lost, in a restore say, must not shut anybody out: then the kept pair tells. */
  async function membersOf(keyServer: string): Promise<readonly Member[]> {
    const members = identitiesOf(keyServer).map(async (identity): Promise<readonly Member[]> => {
      const hex = identity.status?.identity
      if (hex !== undefined) return [{ identity, hex }]
      const kept = foundPair(await secretOf(keptSecretName(identity)))
      return kept.is === 'found' ? [{ identity, hex: identityOf(kept.value.pem.certificatePem) }] : []
    })
    return (await Promise.all(members)).flat()
  }

  function setState(keyServer: KeyServer, live: StatefulSet | undefined, environment: string | undefined): Applied {
    const wanted = statefulSetOf(keyServer, edges, environment)
    const state = appliedState(wanted, live)
    return state === 'current' && live?.spec?.replicas !== keyServer.spec.server?.replicas ? 'differs' : state
  }

  async function podsOf(
    keyServer: KeyServer,
    set: StatefulSet | undefined,
  ): Promise<readonly Omit<Replica, 'server'>[]> {
    const names = replicaNames(keyServerWorkload(keyServer.metadata.name), keyServer.spec.server?.replicas ?? 0)
    return Promise.all(
      names.map(async (name) => {
        const pod = await client.get(pods, here(name))
        return {
          pod: name,
          facts: pod && podFacts(pod),
          told: pod?.metadata.annotations?.[annotations.configuration],
          stuck: isStuck(pod, set),
        }
      }),
    )
  }

  return {
    name: 'keyServer',
    plan,
    async observe(name) {
      const keyServer = await client.get(keyServers, { name })
      const server = keyServer?.spec.server
      if (!keyServer || !server || !isOurs(keyServer)) return undefined
      const workload = here(keyServerWorkload(name))
      const [
        authority,
        adminSecret,
        serverSecret,
        configSecret,
        source,
        environmentSecret,
        service,
        set,
        budget,
        policy,
      ] = await Promise.all([
        materialOf(name, 'authority-1'),
        materialOf(name, 'admin'),
        materialOf(name, 'server'),
        materialOf(name, 'config'),
        secretOf(server.keystoreSecretRef.name),
        server.environmentSecretRef ? secretOf(server.environmentSecretRef.name) : undefined,
        client.get(services, workload),
        client.get(statefulSets, workload),
        client.get(podDisruptionBudgets, workload),
        client.get(networkPolicies, workload),
      ])
      const admin = foundPair(adminSecret)
      const { source: keystore, used } = keystoreOf(keyServer, source, environmentSecret)
      const policies = adminPolicies(await membersOf(name), keyServer, admin)
      const configuration = wantedConfiguration(keyServer, admin, used, policies)
      const environment = environmentHash(admin, environmentSecret)
      const written = writtenIn(configSecret, configuration)
      const [replicas, answers] = await Promise.all([
        podsOf(keyServer, set),
        askReplicas(door, keyServer, written?.hash),
      ])
      const identities = identitiesOf(name)
      const wishes = wantedKeys(keyServer, identities)
      const taken = wishes.filter(isServerName)
      const holder = keyHolder(answers)
      const certified = {
        keyServer,
        status: keyServer.status ?? {},
        dnsNames: dnsNamesOf(name, releaseNamespace, edges.clusterDomain),
        authority: keyServer.spec.certificates.issuerRef ? foundTrust(authority) : foundAuthority(authority),
        serverCertificate: foundPair(serverSecret),
      }
      const ask = serverAsk(certified)
      return {
        keyServer,
        status: keyServer.status ?? {},
        endpoint: keyServerEndpoint(name, releaseNamespace),
        dnsNames: certified.dnsNames,
        authority: certified.authority,
        admin,
        serverCertificate: certified.serverCertificate,
        issuance: ask ? await edges.issuer.observe(ask) : { is: 'ours' },
        keystore,
        wanted: configuration,
        written,
        service: appliedState(serviceOf(keyServer, releaseNamespace), service),
        statefulSet: setState(keyServer, set, environment),
        budget: appliedState(budgetOf(keyServer, releaseNamespace), budget),
        networkPolicy: edges.networkPolicies ? appliedState(networkPolicyFor(keyServer), policy) : 'current',
        replicas: replicas.map((replica) => ({
          ...replica,
          server: (replica.facts?.ip === undefined ? undefined : answers.get(replica.pod)) ?? { is: 'absent' },
        })),
        keys: await keysOf(keyServer, holder, [...new Set([checkKey, ...(keyServer.status?.keys ?? []), ...taken])]),
        wantedKeys: taken,
        refusedKeys: wishes.filter((key) => !isServerName(key)),
        leftOut: policies?.leftOut ?? [],
        configuration,
        environment,
        keyHolder: holder,
      }
    },
    async writeStatus({ keyServer }, status) {
      await client.updateStatus<KeyServer>(keyServers, { ...keyServer, status })
    },
    async act(step, observed) {
      const { keyServer, configuration } = observed
      const { name } = keyServer.metadata
      const { certificates } = keyServer.spec
      switch (step.do) {
        case 'createAuthority':
          return make.authority(keyServer)
        case 'issueAdmin':
          return make.leaf(keyServer, 'admin', observed.admin, {
            commonName: 'kes-injector controller',
            usages: ['client'],
            lifetimeMs: durationMs(certificates.client),
          })
        case 'issueServerCertificate':
          return make.leaf(keyServer, 'server', observed.serverCertificate, {
            commonName: 'kes-injector key server',
            usages: ['server'],
            dnsNames: observed.dnsNames,
            lifetimeMs: durationMs(certificates.server),
          })
        case 'requestServerCertificate':
        case 'dropServerRequest':
        case 'recordAuthority':
        case 'takeServerCertificate':
          return actElsewhere(edges.issuer, make, step.do, observed)
        case 'writeConfiguration': {
          if (!configuration) return
          await writeConfiguration(client, releaseNamespace, name, configuration)
          tell(keyServer, 'Normal', 'ConfigurationWritten', `wrote the configuration ${configuration.hash}`)
          return
        }
        case 'tellPods': {
          const patch = { metadata: { annotations: { [annotations.configuration]: step.token } } }
          for (const pod of step.pods) await client.mergePatch(pods, here(pod), patch)
          return
        }
        case 'applyNetworkPolicy':
          return apply(networkPolicies, networkPolicyFor(keyServer))
        case 'applyService':
          return apply(services, serviceOf(keyServer, releaseNamespace))
        case 'applyBudget':
          return apply(podDisruptionBudgets, budgetOf(keyServer, releaseNamespace))
        case 'applyStatefulSet':
          return apply(statefulSets, statefulSetOf(keyServer, edges, observed.environment))
        case 'replacePod': {
          await client.delete(pods, here(step.pod))
          tell(
            keyServer,
            'Warning',
            'PodReplaced',
            `the pod ${step.pod} did not come up with what is not wanted any more`,
          )
          return
        }
        case 'createKeys': {
          const { keyHolder: holder } = observed
          if (holder === undefined) return
          const made = await atReplica(door, keyServer, holder, (kes) => createKeys(kes, step.keys))
          for (const key of made.created) tell(keyServer, 'Normal', 'KeyCreated', `made the key ${key}`)
          if (made.error) throw made.error
        }
      }
    },
  }

  async function keysOf(
    keyServer: KeyServer,
    holder: string | undefined,
    names: readonly string[],
  ): Promise<Observed['keys']> {
    const nothingKnown = { present: [], absent: [] }
    if (holder === undefined) return nothingKnown
    try {
      return await atReplica(door, keyServer, holder, (kes) => keysAt(kes, names))
    } catch (error) {
      if (error instanceof KesError) return nothingKnown
      throw error
    }
  }
}

const adminPolicies = (
  members: readonly Member[],
  keyServer: KeyServer,
  admin: Found<StoredPair>,
): Policies | undefined =>
  admin.is === 'found' ? policiesOf(members, keyServer, identityOf(admin.value.pem.certificatePem)) : undefined

const wantedConfiguration = (
  keyServer: KeyServer,
  admin: Found<StoredPair>,
  used: UsedKeystore | undefined,
  policies: Policies | undefined,
): WholeConfiguration | undefined =>
  admin.is === 'found' && used && policies ? configurationOf(keyServer, admin.value, used, policies) : undefined

/** Keyed as the configuration's hash is: it lies on pods, where more people can read. */
const environmentHash = (admin: Found<StoredPair>, secret: Secret | undefined): string | undefined =>
  secret && admin.is === 'found'
    ? createHmac('sha256', admin.value.pem.keyPem).update(JSON.stringify(secret.data)).digest('hex').slice(0, 12)
    : undefined
