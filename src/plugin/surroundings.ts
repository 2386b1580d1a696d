import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { clientSecretName, enabled, labels } from '../api/names.ts'
import type { Context, KeyServerFacts, NamespaceFacts } from '../injection/context.ts'
import { isKeyServerName, keyServerOf } from '../injection/keyChoice.ts'
import { withDefaultMount } from '../injection/tenantMount.ts'
import type { KubeObject } from '../kube/object.ts'
import { kesIdentities, keyServers, namespaces, secretMetadata, type Namespace } from '../kube/resources.ts'
import type { Cluster } from './cluster.ts'
import { notAsked, observeInstallation, type Installation } from './installation.ts'
import { see, valueOf, type Seen } from './seen.ts'
import { problem, warning, type Finding } from './told.ts'

/** What surrounds an object: all that a decision about it may know, and the identity that it would use. */
export interface Surroundings {
  readonly context: Context
  readonly installation: Installation
  readonly namespace: Seen<Namespace>
  readonly identity: Seen<KesIdentity>
  /** Whether the Secret `kes-client` is there; its bytes are not read. */
  readonly secret: Seen<KubeObject>
  /** Why nobody is asked about objects of this namespace; undefined where they are. */
  readonly notAsked: string | undefined
  /** What had to be assumed because it could not be seen. */
  readonly assumptions: readonly Finding[]
}

export async function observeSurroundings(cluster: Cluster, name: string): Promise<Surroundings> {
  const { client } = cluster
  const identityRef = { namespace: name, name: clientSecretName }
  const [namespace, identity, secret, installation] = await Promise.all([
    see(client.get(namespaces, { name })),
    see(client.get(kesIdentities, identityRef)),
    see(client.get(secretMetadata, identityRef)),
    observeInstallation(cluster),
  ])
  const facts = namespaceFacts(name, namespace, valueOf(identity))
  const wanted = keyServerOf(facts)
  const keyServer: Seen<KeyServer> = isKeyServerName(wanted)
    ? await see(client.get(keyServers, { name: wanted }))
    : { is: 'missing' }
  const { releaseNamespace, tenantMount, sidecarImage } = installation
  return {
    context: {
      namespace: tenantMount === undefined ? facts : withDefaultMount(facts, tenantMount),
      keyServer: keyServerFacts(wanted, keyServer),
      releaseNamespace,
      sidecarImage,
    },
    installation,
    namespace,
    identity,
    secret,
    notAsked: notAsked({ metadata: { name, labels: facts.labels } }, installation),
    assumptions: assumptionsOf(name, wanted, { namespace, identity, keyServer, installation }),
  }
}

function namespaceFacts(name: string, seen: Seen<Namespace>, identity: KesIdentity | undefined): NamespaceFacts {
  const { labels: own = {}, annotations = {} } = valueOf(seen)?.metadata ?? {}
  const assumed = seen.is === 'hidden' ? { [labels.inject]: enabled } : own
  return { name, labels: assumed, annotations, boundTo: identity?.spec.keyServerRef.name }
}

function keyServerFacts(name: string, seen: Seen<KeyServer>): KeyServerFacts | 'unknown' {
  if (seen.is === 'found') return { name, spec: seen.value.spec }
  return seen.is === 'hidden' ? { name, spec: { keyPrefix: '{namespace}_', namespaces: { selector: {} } } } : 'unknown'
}

interface Looked {
  readonly namespace: Seen<unknown>
  readonly identity: Seen<unknown>
  readonly keyServer: Seen<unknown>
  readonly installation: Installation
}

function assumptionsOf(name: string, wanted: string, looked: Looked): readonly Finding[] {
  const { namespace, identity, keyServer, installation } = looked
  const unseenInstallation = installation.webhookConfiguration.is === 'hidden'
  return [
    ...(namespace.is === 'missing' ? [problem(`there is no namespace ${name}`)] : []),
    ...(namespace.is === 'hidden'
      ? [warning(`you may not read the namespace ${name}: it is taken for one that opted in and says nothing else`)]
      : []),
    ...(identity.is === 'hidden'
      ? [warning('you may not read KesIdentities: which key server the namespace is bound to is not known')]
      : []),
    ...(keyServer.is === 'hidden'
      ? [
          warning(
            `you may not read KeyServers: ${wanted} is taken for one that exists, admits the namespace and has the usual prefix`,
          ),
        ]
      : []),
    ...(unseenInstallation
      ? [warning('you may not read the webhook configuration: whether it leaves the namespace out is not known')]
      : []),
    ...(installation.releaseNamespaceGuessed
      ? [warning(`the namespace of kes-injector is not known and taken for ${installation.releaseNamespace}`)]
      : []),
  ]
}
