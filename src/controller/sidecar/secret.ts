import { labels, sidecarSecretName } from '../../api/names.ts'
import { isApiError } from '../../kube/apiError.ts'
import type { Client } from '../../kube/client.ts'
import { secrets, type Secret } from '../../kube/resources.ts'
import type { PairPem } from '../../pki/pair.ts'
import { foundPair, secretText, type Found, type StoredPair } from '../found.ts'
import { secretObject } from '../secretWriter.ts'

const configurationKey = 'server-config.yaml'
const fieldManager = 'kes-injector'

/** What the Secret holds beside the pair that KES serves. */
export interface SidecarContent {
  readonly configuration: string
  /** By entry; the configuration names them. */
  readonly files: Readonly<Record<string, string>>
}

/** The Secret `kes-sidecar` of a namespace. `foreign`: it is a person's; it is never written over. */
export type SidecarSecret =
  | { readonly is: 'missing' }
  | { readonly is: 'forbidden' }
  | { readonly is: 'foreign' }
  | {
      readonly is: 'ours'
      readonly content: SidecarContent | undefined
      /** What KES serves. */
      readonly pair: Found<StoredPair>
    }

const isOurs = ({ metadata: { labels: own = {} } }: Secret): boolean =>
  own[labels.managedBy] === 'kes-injector' && own[labels.component] === 'sidecar'

export async function observeSidecarSecret(client: Client, namespace: string): Promise<SidecarSecret> {
  try {
    const secret = await client.get(secrets, { namespace, name: sidecarSecretName })
    if (!secret) return { is: 'missing' }
    if (!isOurs(secret)) return { is: 'foreign' }
    return { is: 'ours', content: contentOf(secret), pair: foundPair(secret) }
  } catch (error) {
    if (isApiError(error, 'Forbidden')) return { is: 'forbidden' }
    throw error
  }
}

function contentOf(secret: Secret): SidecarContent | undefined {
  const configuration = secretText(secret, configurationKey)
  if (configuration === undefined) return undefined
  const others = Object.keys(secret.data ?? {}).filter((key) => ![configurationKey, 'tls.crt', 'tls.key'].includes(key))
  return { configuration, files: Object.fromEntries(others.map((key) => [key, secretText(secret, key) ?? ''])) }
}

export async function removeSidecarSecret(client: Client, namespace: string): Promise<void> {
  await client.delete(secrets, { namespace, name: sidecarSecretName })
}

/**
 * Writes it whole, in one write: a pod that starts between two writes would wait for what is missing. By server-side apply, because
 * its creation is checked against the Secret's name, so that RBAC can name it.
 */
export async function writeSidecarSecret(
  client: Client,
  namespace: string,
  keyServer: string,
  { content, pair, force }: { readonly content: SidecarContent; readonly pair: PairPem; readonly force: boolean },
): Promise<void> {
  const secret = secretObject({
    namespace,
    name: sidecarSecretName,
    labels: { [labels.component]: 'sidecar', [labels.keyServer]: keyServer },
    data: {
      ...content.files,
      [configurationKey]: content.configuration,
      'tls.crt': pair.certificatePem,
      'tls.key': pair.keyPem,
    },
  })
  await client.apply(secrets, secret, { fieldManager, force })
}
