import { enabled, labels, tenantMounts, type TenantMount } from '../api/names.ts'
import type { ContainerImage } from '../injection/context.ts'
import { selects, type LabelSelector } from '../api/selector.ts'
import {
  keyServers,
  mutatingWebhookConfigurations,
  type MutatingWebhookConfiguration,
  type Namespace,
} from '../kube/resources.ts'
import type { KubeObject } from '../kube/object.ts'
import { seeAll, type Cluster } from './cluster.ts'
import { deployments, mutatingPolicies, type Deployment } from './resources.ts'
import { itemsOf, see, valueOf, type Seen } from './seen.ts'

/** Fixed names of the chart (docs/adr/0007-fixed-names.md). */
export const installedNames = {
  webhookConfiguration: 'kes-injector',
  webhook: 'kes-injector-webhook',
  controller: 'kes-injector-controller',
  mutatingPolicy: 'kes-injector-pods',
  defaultNamespace: 'kes-injector',
} as const

/** How kes-injector is installed, as far as this person may see it. */
export interface Installation {
  readonly webhookConfiguration: Seen<MutatingWebhookConfiguration>
  /** Of `injection.mode: Policy`. */
  readonly mutatingPolicy: Seen<KubeObject>
  readonly releaseNamespace: string
  /** Nothing named it: it was taken for the one of the documentation. */
  readonly releaseNamespaceGuessed: boolean
  readonly webhookDeployment: Seen<Deployment>
  /** What the webhook takes for Tenants that say nothing; undefined where that cannot be seen. */
  readonly tenantMount: TenantMount | undefined
  /** What the webhook takes for KES inside MinIO pods. */
  readonly sidecarImage: ContainerImage
}

export async function observeInstallation({ client }: Pick<Cluster, 'client'>): Promise<Installation> {
  const [webhookConfiguration, mutatingPolicy, servers] = await Promise.all([
    see(client.get(mutatingWebhookConfigurations, { name: installedNames.webhookConfiguration })),
    see(client.get(mutatingPolicies, { name: installedNames.mutatingPolicy })),
    seeAll(client, keyServers),
  ])
  const named =
    valueOf(webhookConfiguration)?.webhooks?.[0]?.clientConfig.service?.namespace ??
    itemsOf(servers)
      .map(({ status }) => namespaceOfEndpoint(status?.endpoint))
      .find((each) => each !== undefined)
  const releaseNamespace = named ?? installedNames.defaultNamespace
  const webhookDeployment = await see(
    client.get(deployments, { namespace: releaseNamespace, name: installedNames.webhook }),
  )
  return {
    webhookConfiguration,
    mutatingPolicy,
    releaseNamespace,
    releaseNamespaceGuessed: named === undefined,
    webhookDeployment,
    tenantMount: tenantMounts.find((each) => each === settingOf(webhookDeployment, 'TENANT_MOUNT')),
    sidecarImage: {
      image: settingOf(webhookDeployment, 'SERVER_IMAGE') ?? 'the image that the webhook was installed with',
      pullPolicy:
        pullPolicies.find((each) => each === settingOf(webhookDeployment, 'SERVER_IMAGE_PULL_POLICY')) ??
        'IfNotPresent',
    },
  }
}

const namespaceOfEndpoint = (endpoint: string | undefined): string | undefined =>
  /^https:\/\/kes-[^.]+\.([^.]+)\.svc:/.exec(endpoint ?? '')?.[1]

const pullPolicies = ['IfNotPresent', 'Always', 'Never'] as const satisfies readonly ContainerImage['pullPolicy'][]

/** What the webhook's Deployment sets for the process; undefined where it is not seen. */
const settingOf = (seen: Seen<Deployment>, setting: string): string | undefined =>
  valueOf(seen)
    ?.spec?.template.spec?.containers.flatMap(({ env }) => env ?? [])
    .find(({ name }) => name === `KES_INJECTOR_${setting}`)?.value

/** Why the webhook is not asked about objects of a namespace; undefined where it is. */
export function notAsked(
  { metadata: { name, labels: own = {} } }: Pick<Namespace, 'metadata'>,
  installation: Pick<Installation, 'webhookConfiguration' | 'mutatingPolicy' | 'releaseNamespace'>,
): string | undefined {
  const { webhookConfiguration, mutatingPolicy, releaseNamespace } = installation
  const gone = (seen: Seen<unknown>) => seen.is === 'missing' || seen.is === 'unknownKind'
  if (gone(webhookConfiguration) && gone(mutatingPolicy))
    return 'kes-injector is not installed in this cluster: there is neither its webhook configuration nor its policy'
  if (own[labels.inject] !== enabled)
    return `the namespace ${name} did not opt in: it has no label ${labels.inject}=${enabled}`
  if (name === releaseNamespace) return `${name} is the namespace of kes-injector itself: nothing in it is connected`
  const selectors = (valueOf(webhookConfiguration)?.webhooks ?? []).map(({ namespaceSelector }) => namespaceSelector)
  const withName = { ...own, 'kubernetes.io/metadata.name': name }
  return selectors.some((selector) => selector && !selects(selector as LabelSelector, withName))
    ? `the webhook is told to leave the namespace ${name} out (chart value webhook.excludedNamespaces)`
    : undefined
}
