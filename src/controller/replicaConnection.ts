import { keyServerEndpoint, keyServerWorkload } from '../api/names.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { KesError } from '../kes/kesError.ts'
import { connectServer, type ServerKes } from '../kes/serverClient.ts'
import type { Client } from '../kube/client.ts'
import { pods, secrets } from '../kube/resources.ts'
import type { PairPem } from '../pki/pair.ts'
import { pairPemOf, secretText } from './found.ts'
import { materialName } from './keyServer/material.ts'
import { replicaNames, type ReplicaAnswer, type ReplicaDoor } from './replicaDoor.ts'

/** KES itself gives its key store fifteen seconds; what takes longer than this is no answer that anybody could build on. */
const timeoutMs = 5_000

/** Opens connections to the pods of current KES that the controller runs, with what lies in the release namespace. */
export function replicaConnection(client: Client, releaseNamespace: string): ReplicaDoor {
  const secretOf = (name: string) => client.get(secrets, { namespace: releaseNamespace, name })

  async function authorityOf({ metadata: { name } }: KeyServer): Promise<string> {
    const secret = await secretOf(materialName(name, 'authority-1'))
    const pem = secret && secretText(secret, 'tls.crt')
    if (pem === undefined) throw new KesError('Unreachable', `the authority of the key server ${name} is not there`)
    return pem
  }

  async function adminOf({ metadata: { name } }: KeyServer): Promise<PairPem> {
    const secret = await secretOf(materialName(name, 'admin'))
    const pair = secret && pairPemOf(secret)
    if (!pair) throw new KesError('Unreachable', `the administrator of the key server ${name} is not there`)
    return pair
  }

  async function each<T>(
    keyServer: KeyServer,
    open: { readonly pair: PairPem; readonly keepAlive: boolean },
    call: (kes: ServerKes, pod: string) => Promise<T>,
  ): Promise<readonly ReplicaAnswer<T>[]> {
    const { name } = keyServer.metadata
    const ca = await authorityOf(keyServer)
    const ask = async (pod: string): Promise<T> => {
      const found = await client.get(pods, { namespace: releaseNamespace, name: pod })
      const address = found?.metadata.deletionTimestamp === undefined ? found?.status?.podIP : undefined
      if (address === undefined) throw new KesError('Unreachable', `the pod ${pod} has no address yet`)
      const kes = connectServer({
        endpoint: keyServerEndpoint(name, releaseNamespace),
        lookupAddress: address,
        ca,
        cert: open.pair.certificatePem,
        key: open.pair.keyPem,
        timeoutMs,
        keepAlive: open.keepAlive,
      })
      try {
        return await call(kes, pod)
      } finally {
        kes.close()
      }
    }
    const names = replicaNames(keyServerWorkload(name), keyServer.spec.server?.replicas ?? 0)
    return Promise.all(
      names.map(async (pod) => {
        try {
          return { pod, answer: await ask(pod) }
        } catch (error) {
          if (error instanceof KesError) return { pod, answer: error }
          throw error
        }
      }),
    )
  }

  return {
    eachAsAdmin: async (keyServer, call) => each(keyServer, { pair: await adminOf(keyServer), keepAlive: true }, call),
    eachAs: (keyServer, pair, call) => each(keyServer, { pair, keepAlive: false }, call),
  }
}
