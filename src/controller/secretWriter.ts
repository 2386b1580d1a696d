import { labels } from '../api/names.ts'
import type { Client } from '../kube/client.ts'
import { secrets, type Secret } from '../kube/resources.ts'

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

/** Replaces the content of a Secret that was read before; `Conflict` where somebody wrote in between. */
export async function replaceSecret(client: Client, read: Secret, content: SecretContent): Promise<void> {
  const next = secretObject(content)
  await client.update(secrets, {
    ...next,
    metadata: {
      ...read.metadata,
      labels: { ...read.metadata.labels, ...next.metadata.labels },
    },
  })
}
