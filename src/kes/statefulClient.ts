import { certificateFacts } from '../pki/certificateFacts.ts'
import {
  bytes,
  date,
  number,
  optionalText,
  readAnswer,
  readLines,
  record,
  text,
  texts,
  type Answer,
} from './answers.ts'
import { openConnection } from './connection.ts'
import type { ConnectionOptions } from './dial.ts'
import { isIdentity } from './identity.ts'
import type { IdentityDescription, Kes, KeyDescription } from './kes.ts'
import { KesError, type KesErrorCode } from './kesError.ts'
import { checkedName, checkedPattern } from './kesName.ts'
import type { KesPolicy } from './policy.ts'

interface SelfDescription extends IdentityDescription {
  readonly identity: string
  readonly rules: KesPolicy
}

/** A stateful KES (v0.22.3) as one identity sees it. Every method is one request and throws KesError. */
export interface StatefulKes extends Kes {
  listKeys(pattern: string): Promise<readonly KeyDescription[]>
  /** Creates or replaces, effective at once. */
  writePolicy(name: string, policy: KesPolicy): Promise<void>
  /** Replaces the identity's former policy, effective at once. KES says yes to a policy that does not exist, too. */
  assignPolicy(policy: string, identity: string): Promise<void>
  /** Whoever has it is refused from the next call on. One that does not exist is no error. */
  deletePolicy(name: string): Promise<void>
  listIdentities(pattern: string): Promise<readonly (IdentityDescription & { readonly identity: string })[]>
  /** Refused from the next call on. One that does not exist is no error. */
  deleteIdentity(identity: string): Promise<void>
  describeSelf(): Promise<SelfDescription>
}

/** Makes a client of the enclave `default`; connects at the first call. Throws `ConfigInvalid` for a bad endpoint. */
export function connect(options: ConnectionOptions): StatefulKes {
  const { call, peerCertificate, close } = openConnection(options)
  const get = async (path: string): Promise<Answer> => readAnswer(await call('GET', path))
  const list = async (path: string): Promise<readonly Answer[]> => readLines(await call('GET', path))
  const post = (path: string, body?: object): Promise<Buffer> => call('POST', path, body)

  return {
    version: async () => text(await get('/version'), 'version'),
    status: async () => {
      const answer = await get('/v1/status')
      return { version: text(answer, 'version'), upMs: number(answer, 'uptime') / 1e6 }
    },
    describeKey: (name) => unless('KeyNotFound', async () => keyOf(await get(`/v1/key/describe/${checkedName(name)}`))),
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
    listKeys: async (pattern) => (await list(`/v1/key/list/${checkedPattern(pattern)}`)).map(keyOf),
    readPolicy: (name) =>
      unless('PolicyNotFound', async () => policyOf(await get(`/v1/policy/read/${checkedName(name)}`))),
    writePolicy: async (name, { allow, deny }) => {
      await post(`/v1/policy/write/${checkedName(name)}`, { allow, deny })
    },
    assignPolicy: async (policy, identity) => {
      await post(`/v1/policy/assign/${checkedName(policy)}`, { identity: checkedIdentity(identity) })
    },
    deletePolicy: async (name) => {
      await unless('PolicyNotFound', () => call('DELETE', `/v1/policy/delete/${checkedName(name)}`))
    },
    describeIdentity: (identity) =>
      unless('IdentityNotFound', async () =>
        descriptionOf(await get(`/v1/identity/describe/${checkedIdentity(identity)}`)),
      ),
    listIdentities: async (pattern) =>
      (await list(`/v1/identity/list/${checkedPattern(pattern)}`)).map((answer) => ({
        identity: text(answer, 'identity'),
        ...descriptionOf(answer),
      })),
    deleteIdentity: async (identity) => {
      await unless('IdentityNotFound', () => call('DELETE', `/v1/identity/delete/${checkedIdentity(identity)}`))
    },
    describeSelf: async () => {
      const answer = await get('/v1/identity/self/describe')
      const policy = optionalText(answer, 'policy_name')
      const rules = policyOf(record(answer, 'policy'))
      return { identity: text(answer, 'identity'), policy, isAdmin: answer['admin'] === true, rules }
    },
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

const keyOf = (answer: Answer): KeyDescription => ({
  name: text(answer, 'name'),
  id: optionalText(answer, 'id'),
  algorithm: optionalText(answer, 'algorithm'),
  createdAt: date(answer, 'created_at'),
  createdBy: optionalText(answer, 'created_by'),
})

const policyOf = (answer: Answer): KesPolicy => ({ allow: texts(answer, 'allow'), deny: texts(answer, 'deny') })

const descriptionOf = (answer: Answer): IdentityDescription => ({
  policy: optionalText(answer, 'policy'),
  isAdmin: answer['admin'] === true,
})

function checkedIdentity(identity: string): string {
  if (isIdentity(identity)) return identity
  throw new KesError('BadRequest', 'an identity is 64 lower-case hexadecimal digits')
}

// The context is bound into the ciphertext: decrypt must be given the same one.
const withContext = (body: object, context: Buffer | undefined): object =>
  context === undefined ? body : { ...body, context: context.toString('base64') }
