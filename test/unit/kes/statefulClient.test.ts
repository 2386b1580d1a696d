import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { largestAnswerBytes } from '../../../src/kes/connection.ts'
import { KesError } from '../../../src/kes/kesError.ts'
import { connect, type StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newAuthority } from '../pki/world.ts'
import { fakeKes, type FakeKes } from './fakeKes.ts'

let fake: FakeKes
const opened: StatefulKes[] = []
beforeAll(async () => {
  fake = await fakeKes()
})
afterAll(() => fake.close())
afterEach(() => {
  for (const kes of opened.splice(0)) kes.close()
})

const client = (changes: Partial<FakeKes['options']> = {}): StatefulKes => {
  const kes = connect({ ...fake.options, ...changes })
  opened.push(kes)
  return kes
}
const failed = (code: string) => ({ name: 'KesError', code })
const says = (status: number, body: string) => {
  fake.answer = (_request, response) => response.writeHead(status).end(body)
}
const key =
  '{"name":"a_minio","id":"1","algorithm":"AES256-GCM_SHA256","created_at":"2026-01-01T00:00:00Z","created_by":"x"}'

describe('what an answer means', () => {
  it('a key that KES says does not exist is undefined, and no other 404 is', async () => {
    says(404, '{"message":"key does not exist"}')
    expect(await client().describeKey('a_minio')).toBeUndefined()
    for (const body of [
      '',
      '404 page not found',
      '{"message":"policy does not exist"}',
      '{"message":"Key does not exist"}',
      '{"message":"key does not exist","x":1}',
    ]) {
      says(404, body)
      await expect(client().describeKey('a_minio'), body).rejects.toBeInstanceOf(KesError)
    }
  })

  it('a policy and an identity that do not exist are undefined', async () => {
    says(404, '{"message":"policy does not exist"}')
    expect(await client().readPolicy('a')).toBeUndefined()
    says(404, '{"message":"identity does not exist"}')
    expect(await client().describeIdentity('a'.repeat(64))).toBeUndefined()
    await expect(client().describeKey('a')).rejects.toMatchObject(failed('IdentityNotFound'))
  })

  it.each([
    [403, '{"message":"not authorized: insufficient permissions"}', 'NotAllowed'],
    [400, '{"message":"decryption failed: ciphertext is not authentic"}', 'NotAuthentic'],
    [400, '{"message":"key already exists"}', 'BadRequest'],
    [405, '', 'BadRequest'],
    [404, '{"message":"key does not exist"}', 'KeyNotFound'],
    [404, 'not found', 'BadResponse'],
    [301, '', 'BadResponse'],
    [204, '', 'BadResponse'],
    [500, '{"message":"boom"}', 'ServerError'],
    [501, '', 'ServerError'],
    [503, '<html>', 'ServerError'],
  ])('%d %s is %s', async (status, body, code) => {
    says(status, body)
    await expect(client().generate('a_minio')).rejects.toMatchObject(failed(code))
  })

  it('what KES says is in the message, without line breaks and not at any length', async () => {
    says(400, `{"message":"bad "quote"\nline ${'x'.repeat(1_000)}"}`)
    const error: unknown = await client()
      .createKey('a')
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ message: expect.stringMatching(/^KES answered 400: bad "quote" line x+$/) as string })
    expect((error as Error).message.length).toBeLessThan(300)
  })

  it.each([
    ['no JSON', 'plaintext-of-a-key'],
    ['half of it', '{"plaintext":"c2VjcmV0LXBsYWludGV4dA==","cipher'],
    ['a list', '["c2VjcmV0"]'],
    ['a field of another type', '{"plaintext":7,"ciphertext":"c2VjcmV0"}'],
    ['no base64', '{"plaintext":"not base64!","ciphertext":"c2VjcmV0"}'],
    ['empty bytes', '{"plaintext":"","ciphertext":"c2VjcmV0"}'],
  ])('%s is a bad response, and is not quoted', async (_what, body) => {
    says(200, body)
    const error: unknown = await client()
      .generate('a_minio')
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject(failed('BadResponse'))
    expect(String((error as Error).stack) + String((error as Error).cause)).not.toMatch(
      /c2VjcmV0|plaintext-of|not base64/,
    )
  })

  it('an empty list has no lines, and a list that broke off is no list', async () => {
    says(200, '')
    expect(await client().listKeys('*')).toEqual([])
    says(200, `${key}\n${key}\n`)
    expect((await client().listKeys('*')).map(({ name }) => name)).toEqual(['a_minio', 'a_minio'])
    says(200, `${key}\n{"error":"disk"}\n`)
    await expect(client().listKeys('*')).rejects.toMatchObject(failed('ServerError'))
    says(200, `${key}\n{"name":`)
    await expect(client().listKeys('*')).rejects.toMatchObject(failed('BadResponse'))
  })
})

describe('what is sent', () => {
  it('a JSON object with every POST, bytes in base64, and nothing with a GET', async () => {
    const seen: string[] = []
    fake.answer = ({ method, url, body }, response) => {
      seen.push(`${method ?? ''} ${url ?? ''} ${body}`)
      response.end(
        '{"plaintext":"AA==","ciphertext":"AQ==","version":"v","name":"a","created_at":"2026-01-01T00:00:00Z"}',
      )
    }
    const kes = client()
    await kes.createKey('a')
    await kes.generate('a', Buffer.from([2]))
    await kes.decrypt('a', Buffer.from([1]))
    await kes.writePolicy('a', { allow: ['/x'], deny: [] })
    await kes.assignPolicy('a', 'b'.repeat(64))
    await kes.deleteIdentity('b'.repeat(64))
    await kes.describeKey('a')
    expect(seen).toEqual([
      'POST /v1/key/create/a {}',
      'POST /v1/key/generate/a {"context":"Ag=="}',
      'POST /v1/key/decrypt/a {"ciphertext":"AQ=="}',
      'POST /v1/policy/write/a {"allow":["/x"],"deny":[]}',
      `POST /v1/policy/assign/a {"identity":"${'b'.repeat(64)}"}`,
      `DELETE /v1/identity/delete/${'b'.repeat(64)} `,
      'GET /v1/key/describe/a ',
    ])
  })

  it('no name that would leave its place in the path', async () => {
    let calls = 0
    fake.answer = (_request, response) => {
      calls += 1
      response.end('{}')
    }
    const kes = client()
    for (const name of ['', '../policy', 'a/b', 'a?b', 'a%2fb', 'a b', 'a*', 'x'.repeat(81), 'ä', 'a\n']) {
      await expect(kes.describeKey(name), name).rejects.toMatchObject(failed('BadRequest'))
      await expect(kes.assignPolicy('a', name), name).rejects.toMatchObject(failed('BadRequest'))
    }
    await expect(kes.listKeys('a/*')).rejects.toMatchObject(failed('BadRequest'))
    expect(calls).toBe(0)
  })
})

describe('the connection', () => {
  const version = (_request: unknown, response: ServerResponse): void => void response.end('{"version":"v0.22.3"}')

  it('proves the key with a full handshake at each call, and tells who was met', async () => {
    fake.answer = version
    const before = fake.handshakes.length
    const kes = client()
    expect(kes.peerCertificate()).toBeUndefined()
    for (let i = 0; i < 5; i += 1) expect(await kes.version()).toBe('v0.22.3')
    expect(fake.handshakes.slice(before)).toEqual(['full', 'full', 'full', 'full', 'full'])
    expect(kes.peerCertificate()).toMatchObject({ subject: 'CN=server', dnsNames: ['kes.test'] })
  })

  it('is kept on request', async () => {
    fake.answer = version
    const before = fake.handshakes.length
    const kes = client({ keepAlive: true })
    for (let i = 0; i < 5; i += 1) await kes.version()
    expect(fake.handshakes.length - before).toBe(1)
  })

  it('is refused to a server of another authority or another name', async () => {
    const stranger = newAuthority().certificatePem
    await expect(client({ ca: stranger }).version()).rejects.toMatchObject(failed('TlsFailed'))
    const renamed = fake.options.endpoint.replace('kes.test', 'other.test')
    await expect(client({ endpoint: renamed }).version()).rejects.toMatchObject(failed('TlsFailed'))
  })

  it('that cannot be made is unreachable', async () => {
    await expect(client({ endpoint: 'https://kes.test:1' }).version()).rejects.toMatchObject(failed('Unreachable'))
    const { lookupAddress: _address, ...byName } = fake.options
    const kes = connect({ ...byName, endpoint: 'https://kes.invalid:7373' })
    await expect(kes.version()).rejects.toMatchObject(failed('Unreachable'))
  })

  it('that is cut before or within the answer is unreachable', async () => {
    fake.answer = (request) => void request.socket.destroy()
    await expect(client().version()).rejects.toMatchObject(failed('Unreachable'))
    fake.answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"version":')
      setImmediate(() => request.socket.destroy())
    }
    await expect(client().version()).rejects.toMatchObject(failed('Unreachable'))
  })

  it('has one deadline for a server that is silent and one that trickles', async () => {
    fake.answer = () => undefined
    await expect(client({ timeoutMs: 60 }).version()).rejects.toMatchObject(failed('Timeout'))
    fake.answer = (_request, response) => {
      const timer = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(timer))
    }
    await expect(client({ timeoutMs: 100 }).version()).rejects.toMatchObject(failed('Timeout'))
  })

  it('is given up when the answer grows without end', async () => {
    fake.answer = (_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20)
      response.write('{"version":"v0.22.3"')
      for (let sent = 0; sent <= largestAnswerBytes; sent += chunk.length) response.write(chunk)
      response.end('}')
    }
    await expect(client().version()).rejects.toMatchObject(failed('BadResponse'))
  })

  it.each(['http://kes.test:7373', 'kes.test:7373', 'https://kes.test/path', 'https://user:password@kes.test', ''])(
    'is not made to %j',
    (endpoint) => {
      expect(() => client({ endpoint })).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }))
    },
  )
})
