import { createServer } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { createAuthority, issue } from '../../src/pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../src/pki/privateKey.ts'
import type { ClusterAccess } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { tryOut } from './ownApiServer.ts'

type Entry = Readonly<Record<string, unknown>>

/** An object as webhooks see it. */
export interface AdmittedObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } & Entry
  readonly spec: Entry
}

/** A mutating webhook of somebody else's. */
export interface ForeignWebhook {
  /** Of its configuration: the API server asks in the order of these names, and ours is `kes-injector`. */
  readonly name: string
  readonly group: '' | 'minio.min.io'
  readonly version: 'v1' | 'v2'
  readonly resource: 'pods' | 'tenants'
  /** What it makes of an object; the same object where it has nothing to do. */
  readonly change: (object: AdmittedObject) => AdmittedObject
}

interface Review {
  readonly apiVersion: string
  readonly kind: string
  readonly request: { readonly uid: string; readonly object: AdmittedObject }
}

const lifetimeMs = 24 * 60 * 60_000

/** An annotation by which a webhook below shows that it was there. */
export const visitedBy = (name: string): string => `foreign.example/${name}`

/**
 * Serves such webhooks from this process and lets the API server ask them about one namespace, until it is disposed of. Answers when all
 * of them are asked. Each writes `metadata` and `spec` anew as whole values, as clumsy ones do.
 */
export async function installForeignWebhooks(
  access: ClusterAccess,
  namespace: string,
  webhooks: readonly ForeignWebhook[],
  probe: object,
): Promise<AsyncDisposable> {
  const now = new Date()
  const authority = createAuthority({ commonName: 'foreign', lifetimeMs, now })
  const key = generatePrivateKey()
  const cert = issue(authority, {
    commonName: 'foreign',
    usages: ['server'],
    ipAddresses: ['127.0.0.1'],
    key,
    lifetimeMs,
    now,
  })
  const server = createServer({ key: privateKeyPem(key), cert }, (request, response) => {
    const webhook = webhooks.find(({ name }) => request.url?.startsWith(`/${name}`))
    void readReview(request).then(
      (review) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(answer(review, webhook)))
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const names = webhooks.map(({ name }) => name)
  const dispose = async (): Promise<void> => {
    await access.kubectl(['delete', 'mutatingwebhookconfiguration', '--ignore-not-found', ...names])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const caBundle = Buffer.from(authority.certificatePem).toString('base64')
  try {
    await access.create(
      webhooks.map((each) =>
        configuration(each, namespace, { url: `https://127.0.0.1:${port}/${each.name}`, caBundle }),
      ),
    )
    await until(
      async () => {
        const seen = (await tryOut<AdmittedObject>(access, 'create', probe)).stored?.metadata.annotations ?? {}
        return names.every((name) => visitedBy(name) in seen) || undefined
      },
      { what: 'the foreign webhooks to be asked', timeoutMs: 30_000, everyMs: 200 },
    )
  } catch (error) {
    await dispose()
    throw error
  }
  return { [Symbol.asyncDispose]: dispose }
}

const configuration = (
  { name, group, version, resource }: ForeignWebhook,
  namespace: string,
  clientConfig: Entry,
): Entry => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: `${name}.foreign.example`,
      clientConfig,
      rules: [{ apiGroups: [group], apiVersions: [version], resources: [resource], operations: ['CREATE', 'UPDATE'] }],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      sideEffects: 'None',
      timeoutSeconds: 5,
      admissionReviewVersions: ['v1'],
    },
  ],
})

async function readReview(request: IncomingMessage): Promise<Review> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return JSON.parse(Buffer.concat(pieces).toString()) as Review
}

function answer({ apiVersion, kind, request: { uid, object } }: Review, webhook: ForeignWebhook | undefined): Entry {
  const changed = webhook?.change(object) ?? object
  const operations = (['metadata', 'spec'] as const)
    .filter((part) => !isDeepStrictEqual(changed[part], object[part]))
    .map((part) => ({ op: 'add', path: `/${part}`, value: changed[part] }))
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64')
  const told = operations.length === 0 ? {} : { patchType: 'JSONPatch', patch }
  return { apiVersion, kind, response: { uid, allowed: true, ...told } }
}
