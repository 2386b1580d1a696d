import type { KeyServer } from '../../api/keyServer.ts'
import { tenantClientSecretName, tenantServerSecretName } from '../../api/names.ts'
import { containerName } from '../../injection/podFacts.ts'
import { isApiError } from '../../kube/apiError.ts'
import type { KubeObject, Resource } from '../../kube/object.ts'
import {
  events,
  keyServers,
  pods,
  secretMetadata,
  secrets,
  statefulSets,
  type Event,
  type Pod,
} from '../../kube/resources.ts'
import { operatorRunsKes } from '../../minio/tenant.ts'
import { seeAll, type Cluster } from '../cluster.ts'
import { PluginError } from '../pluginError.ts'
import { configMaps, deployments, tenants } from '../resources.ts'
import { found, itemsOf, see, type Seen } from '../seen.ts'
import type { Texts } from './hiddenFindings.ts'
import { hiddenOfPod, hiddenOfTenant, type HiddenSource } from './hiddenSources.ts'
import { hasFailed, type RunningPod } from './podFindings.ts'
import { askPod, askTenant, podOfTemplate, type Question } from './request.ts'
import type { Subject, SubjectKind } from './subject.ts'

/** An object that is to be explained, with all that belongs to it and no webhook sees. */
export interface ObservedObject {
  readonly subject: Subject
  readonly from: 'cluster' | 'file'
  readonly question: Question
  /** As the cluster has it, whatever the file says. */
  readonly stored: KubeObject | undefined
  readonly hidden: readonly (readonly [HiddenSource, Seen<Texts>])[]
  readonly outOfSight: readonly string[]
  readonly pods: readonly RunningPod[]
  readonly events: readonly Event[]
  /** Secrets of a Tenant whose KES the operator runs. */
  readonly tenantSecrets: readonly (readonly [string, Seen<KubeObject>])[]
}

type ObjectKind = Exclude<SubjectKind, 'namespace'>

const resources: Readonly<Record<ObjectKind, Resource>> = {
  tenant: tenants,
  pod: pods,
  statefulset: statefulSets,
  deployment: deployments,
}

/** `given`: the object of a file; without it the one that is stored. Throws PluginError `NotFound`. */
export async function observeObject(
  { client, plain }: Cluster,
  subject: Subject & { readonly kind: ObjectKind },
  namespace: string,
  given?: unknown,
): Promise<ObservedObject> {
  const { kind, name } = subject
  const stored = name === '' ? undefined : await storedOf({ client }, kind, namespace, name, given === undefined)
  const object = given ?? stored
  const question = questionOf(kind, object, stored, namespace)
  const { sources, outOfSight } = kind === 'tenant' ? hiddenOfTenant(object) : hiddenOfPod(question.request.object)
  const hidden = await Promise.all(
    sources.map(async (source) => [source, await textsOf({ client }, source, namespace)] as const),
  )
  const running = await podsOf({ client }, kind, name, namespace, stored)
  const seenEvents = running.some(({ status }) => status?.phase === 'Pending')
    ? await seeAll(client, events, { namespace })
    : found([])
  const names = kind === 'tenant' && operatorRunsKes(object) ? [tenantClientSecretName, tenantServerSecretName] : []
  return {
    subject,
    from: given === undefined ? 'cluster' : 'file',
    question,
    stored,
    hidden,
    outOfSight,
    pods: await Promise.all(running.slice(0, mostPods).map((pod) => withLastOutput({ plain }, pod))),
    events: itemsOf(seenEvents),
    tenantSecrets: await Promise.all(
      names.map(async (each) => [each, await see(client.get(secretMetadata, { namespace, name: each }))] as const),
    ),
  }
}

const mostPods = 50

async function storedOf(
  { client }: Pick<Cluster, 'client'>,
  kind: ObjectKind,
  namespace: string,
  name: string,
  needed: boolean,
): Promise<KubeObject | undefined> {
  const seen = await see(client.get(resources[kind], { namespace, name }))
  if (seen.is === 'found') return seen.value
  if (!needed) return undefined
  const why = { missing: 'it does not exist', hidden: 'you may not read it', unknownKind: 'the kind is not installed' }
  throw new PluginError('NotFound', `${kind} ${name} in namespace ${namespace}: ${why[seen.is]}`)
}

function questionOf(kind: ObjectKind, object: unknown, stored: unknown, namespace: string): Question {
  switch (kind) {
    case 'tenant':
      return askTenant(object, stored, namespace)
    case 'pod':
      return askPod(object, namespace)
    case 'statefulset':
      return askPod(podOfTemplate(object, 'StatefulSet', namespace), namespace)
    case 'deployment':
      return askPod(podOfTemplate(object, 'Deployment', namespace), namespace)
  }
}

async function textsOf(
  { client }: Pick<Cluster, 'client'>,
  { kind, name }: HiddenSource,
  namespace: string,
): Promise<Seen<Texts>> {
  if (kind === 'ConfigMap') {
    const map = await see(client.get(configMaps, { namespace, name }))
    return map.is === 'found' ? found(map.value.data ?? {}) : map
  }
  const secret = await see(client.get(secrets, { namespace, name }))
  if (secret.is !== 'found') return secret
  const decoded = Object.entries(secret.value.data ?? {}).map(
    ([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
  )
  return found(Object.fromEntries(decoded))
}

interface Selecting {
  readonly spec?: { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } }
}

/** The pods that belong to the object, as far as they exist. */
async function podsOf(
  { client }: Pick<Cluster, 'client'>,
  kind: ObjectKind,
  name: string,
  namespace: string,
  stored: KubeObject | undefined,
): Promise<readonly Pod[]> {
  if (stored === undefined) return []
  if (kind === 'pod') return [stored]
  const matchLabels =
    kind === 'tenant' ? { 'v1.min.io/tenant': name } : ((stored as Selecting).spec?.selector?.matchLabels ?? {})
  const labelSelector = Object.entries(matchLabels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  return labelSelector === '' ? [] : itemsOf(await seeAll(client, pods, { namespace, labelSelector }))
}

async function withLastOutput({ plain }: Pick<Cluster, 'plain'>, pod: Pod): Promise<RunningPod> {
  const container = containerName(pod)
  const failed = hasFailed(pod, container)
  return { pod, container, lastOutput: failed && (await outputOf({ plain }, pod, container, failed === 'before')) }
}

// Whoever may see a pod may often not see its output, and a node that is away has none to give: both are no reason to stop.
async function outputOf(
  { plain }: Pick<Cluster, 'plain'>,
  { metadata: { namespace, name } }: Pod,
  container: string,
  previous: boolean,
): Promise<string | undefined> {
  try {
    return await plain.log({ namespace, name }, container, { previous, lines: 40 })
  } catch (error) {
    if (isApiError(error)) return undefined
    throw error
  }
}

/** The KeyServer of a connection, where it can be seen. */
export const observeKeyServer = ({ client }: Pick<Cluster, 'client'>, name: string): Promise<Seen<KeyServer>> =>
  see(client.get(keyServers, { name }))
