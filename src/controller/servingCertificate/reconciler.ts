import { createAuthority } from '../../pki/authority.ts'
import { privateKeyPem } from '../../pki/privateKey.ts'
import type { Client } from '../../kube/client.ts'
import { mutatingWebhookConfigurations, secrets } from '../../kube/resources.ts'
import { labels } from '../../api/names.ts'
import type { PairPem } from '../../pki/pair.ts'
import { foundPair } from '../found.ts'
import { issueLeaf } from '../leaf.ts'
import { createSecret, replaceSecret, type SecretContent } from '../secretWriter.ts'
import type { Reconciler } from '../reconciler.ts'
import { foundAuthority, storedAuthority } from '../storedAuthority.ts'
import { lifetimes, plan, type Observed, type Step } from './plan.ts'

/** The only field of the configuration that is ours; Helm owns the rest. */
const fieldManager = 'kes-injector-ca-bundle'

export interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly releaseNamespace: string
  readonly configurationName: string
  readonly serviceName: string
}

/** Names of the two Secrets; the webhook mounts the second. */
export const authoritySecretName = 'kes-injector-webhook-authority'
export const leafSecretName = 'kes-injector-webhook-tls'

/** Issues the webhook's serving certificate, publishes its authority in `caBundle`, and keeps both from expiring. */
export function servingCertificate({
  client,
  now,
  releaseNamespace,
  configurationName,
  serviceName,
}: Edges): Reconciler<Observed, Step, undefined> {
  const secretOf = (name: string) => client.get(secrets, { namespace: releaseNamespace, name })
  const content = (name: string, pair: PairPem): SecretContent => ({
    namespace: releaseNamespace,
    name,
    type: 'kubernetes.io/tls',
    labels: { [labels.component]: 'webhook' },
    data: { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem },
  })
  const dnsNames = [
    `${serviceName}.${releaseNamespace}.svc`,
    `${serviceName}.${releaseNamespace}`,
    `${serviceName}.${releaseNamespace}.svc.cluster.local`,
  ]

  /** An authority of the webhook is replaced key and all: nobody but the API server trusts it. A leaf keeps its key. */
  async function write(name: string, pair: PairPem): Promise<void> {
    const current = await secretOf(name)
    const mayChangeKey = name === authoritySecretName
    if (current) await replaceSecret(client, current, content(name, pair), { mayChangeKey })
    else await createSecret(client, content(name, pair))
  }

  return {
    name: 'servingCertificate',
    plan,
    async observe() {
      const [authoritySecret, leafSecret, configuration] = await Promise.all([
        secretOf(authoritySecretName),
        secretOf(leafSecretName),
        client.get(mutatingWebhookConfigurations, { name: configurationName }),
      ])
      return {
        authority: foundAuthority(authoritySecret),
        leaf: foundPair(leafSecret),
        published:
          configuration &&
          Object.fromEntries(
            (configuration.webhooks ?? []).map(({ name, clientConfig }) => [
              name,
              Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'),
            ]),
          ),
        dnsNames,
        status: undefined,
      }
    },
    writeStatus: () => Promise.resolve(),
    async act(step, observed) {
      switch (step.do) {
        case 'createAuthority':
        case 'replaceAuthority': {
          const { authorityMs: lifetimeMs } = lifetimes
          const { certificatePem, key } = createAuthority({
            commonName: 'kes-injector webhook authority',
            lifetimeMs,
            now: now(),
          })
          return write(authoritySecretName, { certificatePem, keyPem: privateKeyPem(key) })
        }
        case 'publish': {
          const webhooks = Object.entries(step.bundles).map(([name, bundle]) => ({
            name,
            clientConfig: { caBundle: Buffer.from(bundle).toString('base64') },
          }))
          // Entries that hold it already are sent again, or this apply would give their bundle up.
          const kept = Object.entries(observed.published ?? {})
            .filter(([name]) => !(name in step.bundles))
            .map(([name, bundle]) => ({ name, clientConfig: { caBundle: Buffer.from(bundle).toString('base64') } }))
          await client.apply(
            mutatingWebhookConfigurations,
            {
              apiVersion: 'admissionregistration.k8s.io/v1',
              kind: 'MutatingWebhookConfiguration',
              metadata: { name: configurationName },
              webhooks: [...webhooks, ...kept],
            } as never,
            { fieldManager, force: true },
          )
          return
        }
        case 'issue': {
          const authority = await storedAuthority(client, { namespace: releaseNamespace, name: authoritySecretName })
          return write(
            leafSecretName,
            issueLeaf(authority, observed.leaf, {
              commonName: 'kes-injector webhook',
              usages: ['server'],
              dnsNames: observed.dnsNames,
              lifetimeMs: lifetimes.leafMs,
              now: now(),
            }),
          )
        }
      }
    },
  }
}
