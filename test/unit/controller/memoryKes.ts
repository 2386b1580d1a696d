import type { KesDoor } from '../../../src/controller/kesDoor.ts'
import { identityOf } from '../../../src/kes/identity.ts'
import { KesError } from '../../../src/kes/kesError.ts'
import type { KesPolicy } from '../../../src/kes/policy.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import type { OnWrite } from './memoryClient.ts'

export interface MemoryKes extends KesDoor {
  /** Every call in its order. */
  readonly calls: readonly string[]
  readonly keys: ReadonlySet<string>
  running: boolean
  /** How long its process is up. */
  upMs: number
  /** Around the creation of a key. */
  onWrite: OnWrite
}

/** A stateful KES of one afternoon: keys, policies, identities. A creation of a key that exists is an error of whoever asks. */
export function memoryKes(): MemoryKes {
  const keys = new Set<string>()
  const policies = new Map<string, KesPolicy>()
  const identities = new Map<string, string>()
  const calls: string[] = []

  const kesAs = (caller: string): StatefulKes => {
    const call = async <T>(what: string, answer: () => T): Promise<T> => {
      await Promise.resolve()
      calls.push(what)
      return answer()
    }
    const allowed = (path: string) => {
      const { allow = [] } = policies.get(identities.get(caller) ?? '') ?? {}
      if (!allow.some((pattern) => path.startsWith(pattern.replace(/\*$/, ''))))
        throw new KesError('NotAllowed', 'not authorized: insufficient permissions')
    }
    const kes: Partial<StatefulKes> = {
      status: () => call('status', () => ({ version: 'v0.22.3', upMs: door.upMs })),
      listKeys: () =>
        call('list', () =>
          [...keys].map((name) => ({ name, id: name, algorithm: '', createdAt: new Date(0), createdBy: '' })),
        ),
      describeKey: (name) =>
        call(`describe ${name}`, () =>
          keys.has(name) ? { name, id: name, algorithm: '', createdAt: new Date(0), createdBy: '' } : undefined,
        ),
      createKey: (name) =>
        call(`create ${name}`, () => {
          if (keys.has(name)) throw new Error(`the key ${name} would be replaced`)
          door.onWrite('before')
          keys.add(name)
          door.onWrite('after')
        }),
      generate: (name) =>
        call(`generate ${name}`, () => {
          if (caller !== 'admin') allowed(`/v1/key/generate/${name}`)
          return { plaintext: Buffer.from('data key'), ciphertext: Buffer.from(name) }
        }),
      decrypt: (name) =>
        call(`decrypt ${name}`, () => {
          allowed(`/v1/key/decrypt/${name}`)
          return Buffer.from('data key')
        }),
      readPolicy: (name) => call(`read policy ${name}`, () => policies.get(name)),
      writePolicy: (name, policy) => call(`write policy ${name}`, () => void policies.set(name, policy)),
      assignPolicy: (policy, identity) => call(`assign ${policy}`, () => void identities.set(identity, policy)),
      describeIdentity: (identity) =>
        call('describe identity', () =>
          identities.has(identity) ? { policy: identities.get(identity), isAdmin: false } : undefined,
        ),
      deletePolicy: (name) => call(`delete policy ${name}`, () => void policies.delete(name)),
      deleteIdentity: (identity) => call('delete identity', () => void identities.delete(identity)),
      listIdentities: () =>
        call('list identities', () =>
          [...identities].map(([identity, policy]) => ({ identity, policy, isAdmin: false })),
        ),
      peerCertificate: () => undefined,
    }
    return kes as StatefulKes
  }

  const door: MemoryKes = {
    calls,
    keys,
    running: true,
    upMs: 60_000,
    onWrite: () => undefined,
    asAdmin: async (_keyServer, call) => {
      if (!door.running) throw new KesError('Unreachable', 'nobody answers')
      return call(kesAs('admin'))
    },
    as: async (_keyServer, { certificatePem }, call) => {
      if (!door.running) throw new KesError('Unreachable', 'nobody answers')
      return call(kesAs(identityOf(certificatePem)))
    },
    followCalls: async () => {
      await Promise.resolve()
      throw new KesError('Unreachable', 'this one keeps no audit log')
    },
  }
  return door
}
