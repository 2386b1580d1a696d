import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../../src/kube/apiError.ts'
import { systemClock } from '../../src/kube/clock.ts'
import { createHttpClient, type HttpClient } from '../../src/kube/httpClient.ts'
import { pods, secretMetadata, secrets, type Pod } from '../../src/kube/resources.ts'
import { namespace, startLyingApiServer, type LyingApiServer } from './lyingApiServer.ts'

const skewMs = 600_000
const a = { namespace, name: 'a' }
const pod: Pod = { metadata: a }

let server: LyingApiServer
let client: HttpClient

beforeEach(async () => {
  server = await startLyingApiServer({ dateSkewMs: skewMs })
  client = createHttpClient(server.connection, systemClock, { deadlineMs: 400, responseBytes: 100_000 })
  server.put('a')
})

afterEach(async () => {
  client.close()
  await server.close()
})

describe('the HTTP client', () => {
  it('serves 300 calls one after the other over one TLS connection', async () => {
    for (let call = 0; call < 300; call++) await client.get(pods, a)
    expect(server.connections()).toBe(1)
  })

  it('answers undefined for an object that the API server says is not there', async () => {
    expect(await client.get(pods, { namespace, name: 'nobody' })).toBeUndefined()
    expect(await client.delete(pods, { namespace, name: 'nobody' })).toBe(false)
  })

  it.each([
    ['a proxy', { kind: 'text', code: 404, body: '404 page not found' }],
    ['a server that does not know the kind', { kind: 'status', code: 404, reason: 'NotFound' }],
  ] as const)('does not take the 404 of %s for a missing object', async (_whose, lie) => {
    server.lie('get', lie)
    await expect(client.get(pods, { namespace, name: 'nobody' })).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
    })
  })

  it.each([
    [401, '', 'Unauthorized'],
    [403, 'Forbidden', 'Forbidden'],
    [409, 'AlreadyExists', 'AlreadyExists'],
    [409, 'Conflict', 'Conflict'],
    [410, 'Expired', 'Expired'],
    [422, 'Invalid', 'Invalid'],
    [429, 'TooManyRequests', 'TooManyRequests'],
    [500, 'InternalError', 'ServerError'],
    [504, 'Timeout', 'Timeout'],
    [302, '', 'BadResponse'],
  ])('calls an answer of %d %s %s', async (code, reason, expected) => {
    server.lie('write', { kind: 'status', code, reason })
    const failure = client.create(pods, pod)
    await expect(failure).rejects.toMatchObject({ name: 'ApiError', code: expected, status: code })
    await expect(failure).rejects.toThrow('create pods default/a: ')
  })

  it('keeps what a server says about a Secret out of its message, for that may quote its bytes', async () => {
    server.lie('write', { kind: 'status', code: 400, reason: 'BadRequest' })
    const secret = { metadata: { namespace, name: 'kes-client' } }
    await expect(client.create(secrets, secret)).rejects.toThrow(/^create secrets default\/kes-client: 400 BadRequest$/)
  })

  it('says nothing of an unreadable answer but its length', async () => {
    server.lie('list', { kind: 'truncate' })
    await expect(client.list(pods, { namespace })).rejects.toThrow(/not JSON \(\d+ characters\)$/)
  })

  it('ends a call at its deadline', async () => {
    server.lie('get', { kind: 'stall' })
    await expect(client.get(pods, a, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'Timeout' })
  })

  it('ends a call when its caller gives up', async () => {
    server.lie('get', { kind: 'stall' })
    const caller = new AbortController()
    const call = client.get(pods, a, { signal: caller.signal })
    caller.abort()
    await expect(call).rejects.toMatchObject({ code: 'Aborted' })
  })

  it('waits with a read when it is asked to, and tries again', async () => {
    const tooMany = { kind: 'status', code: 429, headers: { 'Retry-After': '0' } } as const
    server.lie('get', tooMany, { ...tooMany, code: 503 })
    expect((await client.get(pods, a))?.metadata.name).toBe('a')
    expect(server.seen).toHaveLength(3)
  })

  it('does not wait beyond its deadline, and says how long it was asked to', async () => {
    server.lie('get', { kind: 'status', code: 429, headers: { 'Retry-After': '7' } })
    await expect(client.get(pods, a)).rejects.toMatchObject({ code: 'TooManyRequests', retryAfterMs: 7_000 })
  })

  it('sends a write once, whatever the answer', async () => {
    server.lie('write', { kind: 'status', code: 429, headers: { 'Retry-After': '0' } })
    await expect(client.create(pods, pod)).rejects.toMatchObject({ code: 'TooManyRequests' })
    await client.get(pods, a)
    server.lie('write', { kind: 'reset' })
    await expect(client.create(pods, pod)).rejects.toMatchObject({ code: 'ConnectionFailed' })
    expect(server.seen.filter(({ asked }) => asked === 'write')).toHaveLength(2)
  })

  it('sends a read again when its kept connection turns out to be dead', async () => {
    await client.get(pods, a)
    server.lie('get', { kind: 'reset' })
    expect((await client.get(pods, a))?.metadata.name).toBe('a')
    expect(server.connections()).toBe(2)
  })

  it('refuses an answer that is too long', async () => {
    for (let count = 0; count < 2_000; count++) server.put(`pod-${count}`)
    await expect(client.list(pods, { namespace })).rejects.toMatchObject({ code: 'BadResponse' })
  })

  it('knows by how much the clocks differ', async () => {
    expect(client.serverClockSkewMs()).toBeUndefined()
    await client.get(pods, a)
    expect(Math.abs((client.serverClockSkewMs() ?? 0) - skewMs)).toBeLessThan(2_000)
  })

  it('does not take a watch that was cut inside an event for one that ended in order', async () => {
    server.lie('watch', { kind: 'truncate' })
    const selection = { namespace, resourceVersion: '1', timeoutSeconds: 60 }
    const all = async () => {
      for await (const event of client.watch(pods, selection, new AbortController().signal)) return event
      return 'the end'
    }
    await expect(all()).rejects.toMatchObject({ code: 'BadResponse' })
  })

  it('ends a watch, and its request, when its reader has seen enough or its signal is aborted', async () => {
    const selection = { namespace, resourceVersion: '1', timeoutSeconds: 60 }
    for await (const event of client.watch(pods, selection, new AbortController().signal)) {
      expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
      break
    }
    await vi.waitFor(() => expect(server.watching()).toBe(0))
    const reader = new AbortController()
    for await (const event of client.watch(pods, selection, reader.signal)) {
      expect(event.type).toBe('ADDED')
      reader.abort()
    }
    await vi.waitFor(() => expect(server.watching()).toBe(0))
  })

  it('asks for metadata alone where the rest must not come, with no second choice', async () => {
    await client.list(secretMetadata, { namespace, fieldSelector: 'metadata.name=kes-client' })
    const [list] = server.seen
    expect(list?.headers.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1')
    expect(list?.query.get('fieldSelector')).toBe('metadata.name=kes-client')
  })

  it('applies with its own field manager, and forces only when told', async () => {
    server.put('applied')
    const object = { metadata: { namespace, name: 'applied' } }
    await client.apply(pods, object, { fieldManager: 'kes-injector' })
    const [apply] = server.seen
    expect(apply?.method).toBe('PATCH')
    expect(apply?.headers['content-type']).toBe('application/apply-patch+yaml')
    expect(apply?.query.toString()).toBe('fieldManager=kes-injector')
    expect(JSON.parse(apply?.body ?? '')).toEqual({ apiVersion: 'v1', kind: 'Pod', ...object })
  })

  it('refuses a name that would climb to another path, and an object without its namespace', async () => {
    for (const name of ['', '..', 'a/b']) {
      await expect(client.get(pods, { namespace, name })).rejects.toMatchObject({ code: 'BadConfiguration' })
    }
    await expect(client.get(pods, { name: 'a' })).rejects.toMatchObject({ code: 'BadConfiguration' })
    expect(server.seen).toEqual([])
  })

  it('does not wait long for a port that takes connections and says nothing', async () => {
    const mute = createServer()
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const url = new URL(`https://127.0.0.1:${(mute.address() as AddressInfo).port}`)
    const patient = createHttpClient({ ...server.connection, server: url }, systemClock, { connectMs: 50 })
    await expect(patient.get(pods, a)).rejects.toThrow('no connection within 50 ms')
    patient.close()
    mute.close()
  })

  it('uses a token that was replaced within half a minute, and at once after it was refused', async () => {
    let [token, shiftMs] = ['first', 0]
    const credentials = async () => {
      const { tls } = await server.connection.credentials()
      return { tls, headers: { Authorization: `Bearer ${token}` } }
    }
    const clock = { ...systemClock, monotonicMs: () => performance.now() + shiftMs }
    const own = createHttpClient({ ...server.connection, credentials }, clock)
    const sent = async () => {
      await own.get(pods, a).catch(() => undefined)
      return server.seen.at(-1)?.headers.authorization
    }
    expect(await sent()).toBe('Bearer first')
    token = 'second'
    expect(await sent()).toBe('Bearer first')
    shiftMs = 30_000
    expect(await sent()).toBe('Bearer second')
    token = 'third'
    server.lie('get', { kind: 'status', code: 401 })
    expect(await sent()).toBe('Bearer second')
    expect(await sent()).toBe('Bearer third')
    expect(server.connections()).toBe(1)
    own.close()
  })

  it('goes on with the credentials that it has while their files cannot be read', async () => {
    let [isReadable, shiftMs] = [true, 0]
    const credentials = () =>
      isReadable ? server.connection.credentials() : Promise.reject(new ApiError('BadConfiguration', 'no file'))
    const clock = { ...systemClock, monotonicMs: () => performance.now() + shiftMs }
    const own = createHttpClient({ ...server.connection, credentials }, clock)
    await own.get(pods, a)
    isReadable = false
    shiftMs = 60_000
    expect((await own.get(pods, a))?.metadata.name).toBe('a')
    own.close()
  })

  it('does not trust a server that another authority signed', async () => {
    const { server: url, namespace: home } = server.connection
    const credentials = () => Promise.resolve({ tls: {}, headers: {} })
    const stranger = createHttpClient({ server: url, namespace: home, credentials }, systemClock)
    await expect(stranger.get(pods, a)).rejects.toMatchObject({ code: 'ConnectionFailed' })
    stranger.close()
  })
})
