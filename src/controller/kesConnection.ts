import { keyServerEndpoint, keyServerWorkload } from '../api/names.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { KesError } from '../kes/kesError.ts'
import { followAuditLog } from '../kes/auditLog.ts'
import type { ConnectionOptions } from '../kes/dial.ts'
import { connect, type StatefulKes } from '../kes/statefulClient.ts'
import type { Client } from '../kube/client.ts'
import { pods, secrets } from '../kube/resources.ts'
import type { PairPem } from '../pki/pair.ts'
import { pairPemOf, secretText } from './found.ts'
import type { KesDoor } from './kesDoor.ts'
import { materialName } from './keyServer/material.ts'

/** A KES on the pod network answers in milliseconds; a restart in place takes a third of a second. */
const timeoutMs = 5_000

/** The controller itself asks every server something each minute, so a stream that says nothing for longer is broken. */
const auditIdleMs = 3 * 60_000

/** Opens connections to the KES pods that the controller runs, with what lies in the release namespace. */
export function kesConnection(client: Client, releaseNamespace: string): KesDoor {
  async function optionsFor(keyServer: KeyServer, pair: PairPem): Promise<ConnectionOptions> {
    const { name } = keyServer.metadata
    const [pod, authority] = await Promise.all([
      client.get(pods, { namespace: releaseNamespace, name: `${keyServerWorkload(name)}-0` }),
      client.get(secrets, { namespace: releaseNamespace, name: materialName(name, 'authority-1') }),
    ])
    const address = pod?.metadata.deletionTimestamp === undefined ? pod?.status?.podIP : undefined
    const ca = authority && secretText(authority, 'tls.crt')
    if (address === undefined) throw new KesError('Unreachable', `the pod of the key server ${name} has no address yet`)
    if (ca === undefined) throw new KesError('Unreachable', `the authority of the key server ${name} is not there`)
    return {
      endpoint: keyServerEndpoint(name, releaseNamespace),
      lookupAddress: address,
      ca,
      cert: pair.certificatePem,
      key: pair.keyPem,
      timeoutMs,
    }
  }

  async function adminPair({ metadata: { name } }: KeyServer): Promise<PairPem> {
    const secret = await client.get(secrets, { namespace: releaseNamespace, name: materialName(name, 'enclave-admin') })
    const pair = secret && pairPemOf(secret)
    if (!pair) throw new KesError('Unreachable', `the administrator of the key server ${name} is not there`)
    return pair
  }

  async function as<T>(keyServer: KeyServer, pair: PairPem, call: (kes: StatefulKes) => Promise<T>): Promise<T> {
    const kes = connect(await optionsFor(keyServer, pair))
    try {
      return await call(kes)
    } finally {
      kes.close()
    }
  }

  return {
    as,
    asAdmin: async (keyServer, call) => as(keyServer, await adminPair(keyServer), call),
    followCalls: async (keyServer, onCall, signal) => {
      const options = await optionsFor(keyServer, await adminPair(keyServer))
      await followAuditLog({ ...options, idleMs: auditIdleMs, signal }, onCall)
    },
  }
}
