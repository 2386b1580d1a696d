import { enabled, labels, tenantClientSecretName, tenantServerSecretName } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import type { KeyServerSpec } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { isApiError } from '../../kube/apiError.ts'
import type { Client } from '../../kube/client.ts'
import { namespaces, secrets, type Secret } from '../../kube/resources.ts'
import { createAuthority } from '../../pki/authority.ts'
import type { PairPem } from '../../pki/pair.ts'
import { privateKeyPem } from '../../pki/privateKey.ts'
import { foundPair, secretText } from '../found.ts'
import { issueLeaf } from '../leaf.ts'
import type { Reconciler } from '../reconciler.ts'
import { createSecret, replaceSecret, secretObject, type SecretContent } from '../secretWriter.ts'
import { foundAuthority, storedAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import { dnsNamesOf, isNameable } from './dnsNames.ts'
import { tenantLabels, tenantMaterialName, type TenantMaterial } from './names.ts'
import type { Handed, Observed, TenantRecord } from './observed.ts'
import { plan, type Step } from './plan.ts'
import { configMaps, tenants, type ConfigMap, type Tenant } from './resources.ts'

const fieldManager = 'kes-injector'

export interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly tell: Tell
  readonly releaseNamespace: string
  readonly clusterDomain: string
  readonly certificates: KeyServerSpec['certificates']
}

/** What was observed, with the objects that actions write to and Events are about. */
interface Seen extends Observed {
  readonly tenants: readonly Tenant[]
  readonly record: ConfigMap | undefined
}

/** The webhook writes both references; one that a person writes by hand counts as well. */
const usesOurs = ({ spec }: Tenant): boolean =>
  spec?.kes?.externalCertSecret?.name === tenantServerSecretName ||
  (spec?.kes != null && spec.externalClientCertSecret?.name === tenantClientSecretName)

function handedOf(secret: Secret | undefined): Handed {
  if (!secret) return { is: 'missing' }
  const { [labels.managedBy]: manager, [labels.component]: component } = secret.metadata.labels ?? {}
  if (manager !== 'kes-injector' || component !== 'tenant') return { is: 'foreign' }
  return { is: 'ours', pair: foundPair(secret), authorityPem: secretText(secret, 'ca.crt') }
}

/** Issues and renews the certificates of Tenants whose KES the operator runs: one authority, one client pair, one server pair a namespace. */
export function tenantReconciler(edges: Edges): Reconciler<Seen, Step, TenantRecord> {
  const { client, now, tell, releaseNamespace, clusterDomain, certificates } = edges

  const kept = (namespace: string, material: TenantMaterial) => ({
    namespace: releaseNamespace,
    name: tenantMaterialName(namespace, material),
  })

  /** Tenants of the namespace; none where the operator's kinds are not installed (any more). */
  async function tenantsOf(namespace: string): Promise<readonly Tenant[]> {
    try {
      const { items } = await client.list(tenants, { namespace })
      return items.filter((tenant) => usesOurs(tenant) && isNameable(tenant))
    } catch (error) {
      if (isApiError(error, 'NotFound')) return []
      throw error
    }
  }

  const content = (namespace: string, material: TenantMaterial, pair: PairPem): SecretContent => ({
    ...kept(namespace, material),
    type: 'kubernetes.io/tls',
    labels: tenantLabels,
    data: { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem },
  })

  const issueClient = async ({ namespace, client: stored }: Seen): Promise<PairPem> =>
    issueLeaf(await storedAuthority(client, kept(namespace, 'authority-1')), stored, {
      commonName: 'kes-injector client',
      organizations: [namespace],
      usages: ['client'],
      lifetimeMs: durationMs(certificates.client),
      now: now(),
    })

  /**
   * All entries in one write, by server-side apply: its creations are checked against the name, so RBAC can name it. Forced: it is ours
   * by its labels, and an entry that somebody changed by hand is taken back.
   */
  async function hand(namespace: string, name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const object = secretObject({ namespace, name, type: 'kubernetes.io/tls', labels: tenantLabels, data })
    await client.apply(secrets, object, { fieldManager, force: true })
  }

  const tellAll = ({ tenants: all }: Seen, type: 'Normal' | 'Warning', reason: string, note: string) => {
    for (const tenant of all) tell(tenant, type, reason, note)
  }

  return {
    name: 'tenant',
    plan,
    async observe(namespace) {
      const [all, namespaceObject, record] = await Promise.all([
        tenantsOf(namespace),
        client.get(namespaces, { name: namespace }),
        client.get(configMaps, kept(namespace, 'record')),
      ])
      // Of most namespaces this is all there is to know.
      if (!namespaceObject || all.length === 0) return undefined
      const [authority, pair, handedClient, handedServer] = await Promise.all([
        client.get(secrets, kept(namespace, 'authority-1')),
        client.get(secrets, kept(namespace, 'client')),
        client.get(secrets, { namespace, name: tenantClientSecretName }),
        client.get(secrets, { namespace, name: tenantServerSecretName }),
      ])
      const found = foundPair(pair)
      return {
        namespace,
        optedIn: namespaceObject.metadata.labels?.[labels.inject] === enabled,
        dnsNames: [...new Set(all.flatMap((tenant) => dnsNamesOf(tenant, clusterDomain)))].sort(),
        certificates,
        status: record?.data ?? {},
        authority: foundAuthority(authority),
        client: found,
        clientIdentity: found.is === 'found' ? identityOf(found.value.pem.certificatePem) : undefined,
        handedClient: handedOf(handedClient),
        handedServer: handedOf(handedServer),
        tenants: all,
        record,
      }
    },
    async writeStatus(seen, status) {
      const { namespace, record } = seen
      if (status.problem !== undefined && status.problem !== seen.status.problem) {
        const [reason = '', ...note] = status.problem.split(': ')
        tellAll(seen, 'Warning', reason, note.join(': '))
      }
      const data = { ...status }
      if (record) await client.update(configMaps, { ...record, data })
      else
        await client.create<ConfigMap>(configMaps, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            ...kept(namespace, 'record'),
            labels: { [labels.name]: 'kes-injector', [labels.managedBy]: 'kes-injector', ...tenantLabels },
          },
          data,
        })
    },
    async act(step, seen) {
      const { namespace, authority } = seen
      switch (step.do) {
        case 'createAuthority': {
          const { certificatePem, key } = createAuthority({
            commonName: `kes-injector ${namespace} authority`.slice(0, 64),
            lifetimeMs: durationMs(certificates.authority),
            now: now(),
          })
          const pair = { certificatePem, keyPem: privateKeyPem(key) }
          return createSecret(client, { ...content(namespace, 'authority-1', pair), immutable: true })
        }
        case 'createClient':
          await createSecret(client, content(namespace, 'client', await issueClient(seen)))
          {
            tellAll(seen, 'Normal', 'Issued', 'made the client key pair of MinIO')
            return
          }
        case 'takeBackClient': {
          if (seen.handedClient.is !== 'ours' || seen.handedClient.pair.is !== 'found') return
          await createSecret(client, content(namespace, 'client', seen.handedClient.pair.value.pem))
          tellAll(seen, 'Warning', 'TakenBack', 'the kept key pair was gone; it was taken back from MinIO')
          return
        }
        case 'renewClient': {
          const current = await client.get(secrets, kept(namespace, 'client'))
          if (!current || seen.client.is !== 'found') return
          await replaceSecret(client, current, content(namespace, 'client', await issueClient(seen)))
          tellAll(seen, 'Normal', 'Renewed', `issued a new client certificate for the same key (${step.why})`)
          return
        }
        case 'handOutClient': {
          if (seen.client.is !== 'found' || authority.is !== 'found') return
          const { certificatePem, keyPem } = seen.client.value.pem
          const data = { 'tls.crt': certificatePem, 'tls.key': keyPem, 'ca.crt': authority.value.certificatePem }
          await hand(namespace, tenantClientSecretName, data)
          tellAll(seen, 'Normal', 'HandedOut', `wrote the Secret ${tenantClientSecretName}`)
          return
        }
        case 'issueServer': {
          const stored = seen.handedServer.is === 'ours' ? seen.handedServer.pair : ({ is: 'missing' } as const)
          const pair = issueLeaf(await storedAuthority(client, kept(namespace, 'authority-1')), stored, {
            commonName: 'kes-injector key server',
            organizations: [namespace],
            usages: ['server'],
            dnsNames: seen.dnsNames,
            lifetimeMs: durationMs(certificates.server),
            now: now(),
          })
          await hand(namespace, tenantServerSecretName, { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem })
          tellAll(seen, 'Normal', 'ServerIssued', `issued a certificate for KES (${step.why})`)
          return
        }
      }
    },
  }
}
