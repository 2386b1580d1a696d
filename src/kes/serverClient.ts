import { certificateFacts } from '../pki/certificateFacts.ts'
import { bytes, date, number, optionalText, readAnswer, record, text, texts, type Answer } from './answers.ts'
import { openConnection } from './connection.ts'
import type { ConnectionOptions } from './dial.ts'
import { isIdentity } from './identity.ts'
import type { Kes } from './kes.ts'
import { KesError, type KesErrorCode } from './kesError.ts'
import { checkedName, checkedPattern } from './kesName.ts'
import type { KesPolicy } from './policy.ts'

/** A current KES (v0.24.0 and later): its policies and identities stand in its configuration, so no call changes them. */
export interface ServerKes extends Kes {
  status(): Promise<{
    readonly version: string
    readonly upMs: number
    /** Whether KES reaches its key store. It looks every ten seconds. */
    readonly keystoreReachable: boolean
  }>
}

/** Makes a client; connects at the first call. Throws `ConfigInvalid` for a bad endpoint. */
export function connectServer(options: ConnectionOptions): ServerKes {
  const { call, peerCertificate, close } = openConnection(options)
  const get = async (path: string): Promise<Answer> => readAnswer(await call('GET', path))
  // KES says PUT and takes POST (facts: KES A.5), which is what the shared connection speaks.
  const post = (path: string, body?: object): Promise<Buffer> => call('POST', path, body)

  return {
    version: async () => text(await get('/version'), 'version'),
    status: async () => {
      const answer = await get('/v1/status')
      return {
        version: text(answer, 'version'),
        upMs: number(answer, 'uptime') * 1000,
        keystoreReachable: answer['keystore_unreachable'] !== true,
      }
    },
    // A key store that is away is a 502 or 504 (KES `server.go`, describeKey), so it is never taken for a key that is gone.
    describeKey: (name) =>
      unless('KeyNotFound', async () => {
        const answer = await get(`/v1/key/describe/${checkedName(name)}`)
        return {
          name: text(answer, 'name'),
          id: undefined,
          algorithm: optionalText(answer, 'algorithm'),
          createdAt: date(answer, 'created_at'),
          createdBy: optionalText(answer, 'created_by'),
        }
      }),
    createKey: async (name) => {
      await post(`/v1/key/create/${checkedName(name)}`)
    },
    generate: async (name, context) => {
      const answer = readAnswer(await post(`/v1/key/generate/${checkedName(name)}`, withContext({}, context)))
      return { plaintext: bytes(answer, 'plaintext'), ciphertext: bytes(answer, 'ciphertext') }
    },
    decrypt: async (name, ciphertext, context) => {
      const body = withContext({ ciphertext: ciphertext.toString('base64') }, context)
      return bytes(readAnswer(await post(`/v1/key/decrypt/${checkedName(name)}`, body)), 'plaintext')
    },
    listKeys: async (pattern) =>
      texts(await get(`/v1/key/list/${checkedPattern(pattern)}`), 'names').map((name) => ({ name })),
    readPolicy: (name) =>
      unless('PolicyNotFound', async () => policyOf(await get(`/v1/policy/read/${checkedName(name)}`))),
    describeIdentity: (identity) =>
      unless('IdentityNotFound', async () => {
        const answer = await get(`/v1/identity/describe/${checkedIdentity(identity)}`)
        return { policy: optionalText(answer, 'policy'), isAdmin: answer['admin'] === true }
      }),
    peerCertificate: () => {
      const certificate = peerCertificate()
      return certificate && certificateFacts(certificate)
    },
    close,
  }
}

/** Turns the one error that means "is not there" into undefined. */
async function unless<T>(absent: KesErrorCode, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof KesError && error.code === absent) return undefined
    throw error
  }
}

/** Patterns are the keys of an object here, and an empty set is left out. */
const patterns = (answer: Answer, field: string): readonly string[] =>
  answer[field] === undefined ? [] : Object.keys(record(answer, field))

const policyOf = (answer: Answer): KesPolicy => ({ allow: patterns(answer, 'allow'), deny: patterns(answer, 'deny') })

function checkedIdentity(identity: string): string {
  if (isIdentity(identity)) return identity
  throw new KesError('BadRequest', 'an identity is 64 lower-case hexadecimal digits')
}

const withContext = (body: object, context: Buffer | undefined): object =>
  context === undefined ? body : { ...body, context: context.toString('base64') }
