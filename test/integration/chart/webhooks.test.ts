import { beforeAll, describe, expect, it } from 'vitest'
import { named, namespace, render } from './render.ts'

interface Webhook {
  readonly name: string
  readonly clientConfig: object
  readonly rules: readonly object[]
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[]
  readonly [field: string]: unknown
}

const webhooksOf = async (values: object = {}): Promise<readonly Webhook[]> =>
  named(await render(values), 'MutatingWebhookConfiguration', 'kes-injector')['webhooks'] as readonly Webhook[]

let webhooks: readonly Webhook[]
beforeAll(async () => {
  webhooks = await webhooksOf()
})
const webhook = (name: string) => webhooks.find((each) => each.name.startsWith(name))

describe('both webhooks', () => {
  it('are asked in namespaces that opted in, and never in those of the system or of the release', () => {
    for (const { namespaceSelector } of webhooks)
      expect(namespaceSelector).toEqual({
        matchLabels: { 'kes-injector.io/inject': 'enabled' },
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: ['kube-system', 'kube-public', 'kube-node-lease', namespace],
          },
        ],
      })
  })

  it('refuse where none answers, after five seconds, and have no side effect', () => {
    for (const each of webhooks)
      expect(each).toMatchObject({
        failurePolicy: 'Fail',
        timeoutSeconds: 5,
        sideEffects: 'None',
        matchPolicy: 'Equivalent',
        reinvocationPolicy: 'IfNeeded',
        admissionReviewVersions: ['v1'],
        clientConfig: { service: { name: 'kes-injector-webhook', namespace, path: '/mutate', port: 443 } },
      })
  })

  it('are found by other means than the label of an object: whoever makes it could leave it out', () => {
    for (const each of webhooks) expect(each).not.toHaveProperty('objectSelector')
  })

  it('can be told to let objects through where none answers', async () => {
    for (const each of await webhooksOf({ webhook: { failurePolicy: 'Ignore' } }))
      expect(each['failurePolicy']).toBe('Ignore')
  })

  it('are not there where a policy connects the objects', async () => {
    const objects = await render({ injection: { mode: 'Policy' } })
    const kinds = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(kinds.filter((each) => each.includes('webhook') || each.startsWith('MutatingWebhook'))).toEqual([])
    expect(kinds.filter((each) => each.startsWith('MutatingAdmissionPolicy ')).length).toBeGreaterThan(0)
  })
})

describe('the webhook of Tenants', () => {
  it('is asked when one is made or changed, and not about its status', () => {
    expect(webhook('minio-tenants')?.rules).toEqual([
      {
        apiGroups: ['minio.min.io'],
        apiVersions: ['v2'],
        resources: ['tenants'],
        operations: ['CREATE', 'UPDATE'],
        scope: 'Namespaced',
      },
    ])
  })

  it('is not asked about one that goes: the removal of a finalizer must never wait for us', () => {
    expect(webhook('minio-tenants')?.matchConditions).toEqual([
      { name: 'not-deleting', expression: '!has(object.metadata.deletionTimestamp)' },
    ])
  })
})

describe('the webhook of pods', () => {
  it('is asked when one is made', () => {
    expect(webhook('minio-pods')?.rules).toEqual([
      { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: 'Namespaced' },
    ])
  })

  it('is asked only about those that may be MinIO', () => {
    const [condition] = webhook('minio-pods')?.matchConditions ?? []
    expect(condition?.name).toBe('is-minio')
    expect(condition?.expression).toBe(
      "object.spec.containers.exists(c, c.name == 'minio') || (has(object.metadata.annotations) && 'kes-injector.io/container' in object.metadata.annotations)",
    )
  })
})
