import { parse } from 'yaml'
import { secretText } from '../../../src/controller/found.ts'
import { replicaNames, type ReplicaDoor } from '../../../src/controller/replicaDoor.ts'
import { identityOf } from '../../../src/kes/identity.ts'
import { KesError } from '../../../src/kes/kesError.ts'
import type { ServerKes } from '../../../src/kes/serverClient.ts'
import { pods, secrets } from '../../../src/kube/resources.ts'
import type { MemoryClient, OnWrite } from './memoryClient.ts'

interface Loaded {
  readonly admin: { readonly identity: string }
  readonly policy: Readonly<
    Record<string, { readonly allow: string[]; readonly deny: string[]; readonly identities: string[] }>
  >
}

export interface MemoryReplicas extends ReplicaDoor {
  readonly keys: Set<string>
  /** Every creation of a key. */
  readonly created: readonly string[]
  keystoreReachable: boolean
  /** Pods whose agent sleeps: they keep what they have loaded. */
  readonly asleep: Set<string>
  /** Keys that the key store does not take. */
  readonly refuses: Set<string>
  /** Around the creation of a key. */
  onWrite: OnWrite
  /** A pod comes up, with the configuration that lies there. */
  start(pod: string): void
  /** The agents' part: every replica loads what lies there. */
  reload(): void
}

const at = (name: string) => ({ namespace: 'kes-system', name })
const refused = () => new KesError('NotAllowed', 'KES answered 403: not authorized: insufficient permissions')

/** Replicas of a current KES of one afternoon, at one key store. They know what the Secret of their configuration said when they loaded it. */
export function memoryReplicas(client: MemoryClient, workload = 'kes-default'): MemoryReplicas {
  const loaded = new Map<string, Loaded>()
  const keys = new Set<string>()
  const created: string[] = []

  function read(): Loaded {
    const secret = client.at(secrets, at(`${workload}-config`))
    return parse((secret && secretText(secret, 'server-config.yaml')) ?? '') as Loaded
  }

  function kesAs(caller: string, pod: string): ServerKes {
    const state = loaded.get(pod)
    if (!state) throw new KesError('Unreachable', `the pod ${pod} has no address yet`)
    const policy = Object.entries(state.policy).find(([, { identities }]) => identities.includes(caller))
    const call = async <T>(path: string, answer: () => T): Promise<T> => {
      await Promise.resolve()
      const allowed = policy?.[1].allow.some((pattern) => path.startsWith(pattern.replace(/\*$/, ''))) ?? false
      if (caller !== state.admin.identity && !allowed) throw refused()
      return answer()
    }
    const key = <T>(name: string, found: () => T): T => {
      if (!door.keystoreReachable) throw new KesError('ServerError', 'KES answered 502: failed to read key')
      if (!keys.has(name)) throw new KesError('KeyNotFound', 'KES answered 404: key does not exist')
      return found()
    }
    const kes: Partial<ServerKes> = {
      version: () => Promise.resolve('v0.24.0'),
      status: () =>
        call('/v1/status', () => ({ version: 'v0.24.0', upMs: 1, keystoreReachable: door.keystoreReachable })),
      readPolicy: (name) => call('/v1/policy/read', () => state.policy[name]),
      describeIdentity: (identity) =>
        call('/v1/identity/describe', () => {
          const [name] = Object.entries(state.policy).find(([, { identities }]) => identities.includes(identity)) ?? []
          return name === undefined ? undefined : { policy: name, isAdmin: false }
        }),
      describeKey: (name) =>
        call(`/v1/key/describe/${name}`, () =>
          door.keystoreReachable && !keys.has(name)
            ? undefined
            : key(name, () => ({ name, id: undefined, algorithm: '', createdAt: new Date(0), createdBy: '' })),
        ),
      createKey: (name) =>
        call(`/v1/key/create/${name}`, () => {
          if (keys.has(name)) throw new KesError('BadRequest', 'KES answered 400: key already exists')
          if (door.refuses.has(name)) throw new KesError('ServerError', 'KES answered 502: failed to create key')
          door.onWrite('before')
          keys.add(name)
          created.push(name)
          door.onWrite('after')
        }),
      generate: (name) =>
        call(`/v1/key/generate/${name}`, () =>
          key(name, () => ({ plaintext: Buffer.from('data key'), ciphertext: Buffer.from(name) })),
        ),
      decrypt: (name) => call(`/v1/key/decrypt/${name}`, () => key(name, () => Buffer.from('data key'))),
      peerCertificate: () => undefined,
    }
    return kes as ServerKes
  }

  const door: MemoryReplicas = {
    keys,
    created,
    keystoreReachable: true,
    asleep: new Set(),
    refuses: new Set(),
    onWrite: () => undefined,
    start: (name) => {
      const running = { name: 'kes', ready: true, state: { running: {} }, image: '', imageID: '', restartCount: 0 }
      client.place(pods, { metadata: at(name), status: { podIP: '10.0.0.9', containerStatuses: [running] } })
      loaded.set(name, read())
    },
    reload: () => {
      for (const pod of loaded.keys()) if (!door.asleep.has(pod)) loaded.set(pod, read())
    },
    eachAsAdmin: (keyServer, call) => {
      const secret = client.at(secrets, at(`${workload}-admin`))
      const certificate = secret && secretText(secret, 'tls.crt')
      if (certificate === undefined)
        return Promise.reject(new KesError('Unreachable', 'the administrator is not there'))
      return door.eachAs(keyServer, { certificatePem: certificate, keyPem: '' }, call)
    },
    eachAs: ({ spec }, { certificatePem }, call) =>
      Promise.all(
        replicaNames(workload, spec.server?.replicas ?? 0).map(async (pod) => {
          try {
            return { pod, answer: await call(kesAs(identityOf(certificatePem), pod), pod) }
          } catch (error) {
            if (error instanceof KesError) return { pod, answer: error }
            throw error
          }
        }),
      ),
  }
  return door
}
