import { describe, expect, it } from 'vitest'
import type { ContextSource } from '../../../src/admission/contextSource.ts'
import { createHandler } from '../../../src/admission/handler.ts'
import { connectedTenant, pod } from '../../fixtures/objects.ts'
import { context, inNamespace, podRequest, reviewOf, tenantRequest } from '../../fixtures/requests.ts'

const { sidecarImage } = context
const working: ContextSource = {
  namespace: () => Promise.resolve(context.namespace),
  keyServer: () => Promise.resolve(context.keyServer === 'unknown' ? undefined : context.keyServer),
  ready: () => true,
}
const handlerWith = (change: Partial<ContextSource>) => {
  const handler = createHandler({ source: { ...working, ...change }, releaseNamespace: 'kes-system', sidecarImage })
  // Whether it throws now or later is the same to its callers.
  return async (review: Buffer) => await handler(review)
}
const body = reviewOf(podRequest(pod()))
const never = (): never => {
  throw new Error('looked up')
}

describe('the core of the webhook', () => {
  it('answers a review with a patch', async () => {
    const { reply, decision } = await handlerWith({})(body)
    expect(decision.reason).toBe('Injected')
    expect(reply.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' })
  })

  it('answers the same bytes for the same review', async () => {
    const [one, other] = [await handlerWith({})(body), await handlerWith({})(body)]
    expect(JSON.stringify(one.reply)).toBe(JSON.stringify(other.reply))
  })

  it('answers at once where all is in memory', () => {
    const source = { namespace: () => context.namespace, keyServer: () => undefined, ready: () => true }
    expect(createHandler({ source, releaseNamespace: 'kes-system', sidecarImage })(body)).toHaveProperty('reply')
  })

  it('looks nothing up for requests that are not ours', async () => {
    const handler = handlerWith({ namespace: never, keyServer: never, ready: () => false })
    const { decision } = await handler(reviewOf(tenantRequest(connectedTenant(), { subResource: 'status' })))
    expect(decision.reason).toBe('Subresource')
  })

  it('asks to be asked again while its caches are empty', async () => {
    await expect(handlerWith({ ready: () => false })(body)).rejects.toMatchObject({ code: 'NotReady', status: 503 })
  })

  it('asks to be asked again when the API server cannot be read', async () => {
    const handler = handlerWith({ namespace: () => Promise.reject(new Error('reset')) })
    await expect(handler(body)).rejects.toMatchObject({ code: 'NotReady' })
  })

  it('refuses objects of a namespace that does not exist', async () => {
    const { decision } = await handlerWith({ namespace: () => Promise.resolve(undefined) })(body)
    expect(decision).toMatchObject({ outcome: 'deny', reason: 'NotReady' })
  })

  it.each(['../../secrets', 'Team-A', 'team.a', 'a'.repeat(64), '-a'])(
    'refuses objects of a namespace that is called what none can be called, and looks nothing up: %s',
    async (namespace) => {
      const handler = handlerWith({ namespace: never })
      const { decision } = await handler(reviewOf({ ...podRequest(pod()), namespace }))
      expect(decision).toMatchObject({ outcome: 'deny', reason: 'NotReady' })
    },
  )

  it('looks up no key server under a name that none can have', async () => {
    const { namespace } = inNamespace({ 'kes-injector.io/key-server': '../../secrets/x' })
    const handler = handlerWith({ namespace: () => Promise.resolve(namespace), keyServer: never })
    expect((await handler(body)).decision.reason).toBe('KeyServerUnknown')
  })

  it('lets nothing be stored when it has a defect', async () => {
    const broken = {
      name: 'default',
      get spec(): never {
        throw new TypeError('a defect with a secret in it')
      },
    }
    const handler = handlerWith({ keyServer: () => Promise.resolve(broken) })
    await expect(handler(body)).rejects.toMatchObject({
      code: 'Internal',
      status: 500,
      message: 'the review could not be answered',
    })
  })
})
