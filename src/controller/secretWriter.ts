import { labels } from '../api/names.ts'
import type { Client } from '../kube/client.ts'
import { secrets, type Secret } from '../kube/resources.ts'
import { foundPair } from './found.ts'

/** What a Secret of ours is to hold. Values are text; the API's base64 is made here. */
export interface SecretContent {
  readonly namespace: string
  readonly name: string
  readonly type?: 'kubernetes.io/tls' | 'Opaque'
  readonly labels?: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
  /** The API server refuses every later change: for keys that must never change. */
  readonly immutable?: boolean
}

/** The Secret as the API takes it. */
export function secretObject({
  namespace,
  name,
  type = 'Opaque',
  labels: own = {},
  data,
  immutable,
}: SecretContent): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name,
      labels: { [labels.name]: 'kes-injector', [labels.managedBy]: 'kes-injector', ...own },
    },
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
    ...(immutable ? { immutable: true } : {}),
  }
}

/**
 * Creates a Secret that must not exist. `AlreadyExists` is thrown on: somebody else was first, so what they wrote is observed in the
 * next round and used; it is never replaced.
 */
export async function createSecret(client: Client, content: SecretContent): Promise<void> {
  await client.create(secrets, secretObject(content))
}

/**
 * Replaces the content of a Secret that was read before; `Conflict` where somebody wrote in between.
 *
 * A key stays: where the Secret holds a pair that can be read, content without that very public key is refused and nothing is
 * written. Whoever replaces a key on purpose says so.
 */
export async function replaceSecret(
  client: Client,
  read: Secret,
  content: SecretContent,
  { mayChangeKey = false }: { readonly mayChangeKey?: boolean } = {},
): Promise<void> {
  const next = secretObject(content)
  if (!mayChangeKey && !keepsKey(read, next))
    throw new Error(
      `the Secret ${content.namespace}/${content.name} holds another key than was renewed: nothing is written`,
    )
  await client.update(secrets, {
    ...next,
    metadata: {
      ...read.metadata,
      labels: { ...read.metadata.labels, ...next.metadata.labels },
    },
  })
}

function keepsKey(read: Secret, next: Secret): boolean {
  const [before, after] = [foundPair(read), foundPair(next)]
  if (before.is !== 'found') return true
  return after.is === 'found' && after.value.spki.equals(before.value.spki)
}
