import type { KeyServer } from '../../api/keyServer.ts'
import { dialectOf, type Dialect } from '../../kes/dialect.ts'
import type { ConnectionOptions } from '../../kes/dial.ts'
import { KesError } from '../../kes/kesError.ts'
import { connect } from '../../kes/statefulClient.ts'
import type { Client } from '../../kube/client.ts'
import { secrets } from '../../kube/resources.ts'
import type { PairPem } from '../../pki/pair.ts'
import type { Found } from '../found.ts'
import type { KesDoor } from '../kesDoor.ts'
import { externalTrust } from '../keyServer/trust.ts'
import { adminPairOf } from './adminPair.ts'

/** It may stand on another continent, and behind a proxy. */
const timeoutMs = 10_000

/**
 * The way to a key server that somebody else runs, endpoint by endpoint. Keys are generated, opened, described and created in the same
 * words by every KES, so the client of the stateful one does for both; its other calls are for a stateful one only.
 *
 * Throws KesError; a server without its Secrets is `Unreachable`.
 */
export interface ExternalDoor {
  at(endpoint: string): Pick<KesDoor, 'as' | 'asAdmin'>
  /** What the endpoint says to its administrator. */
  dialect(keyServer: KeyServer, endpoint: string): Promise<Dialect>
}

export function externalDoor(client: Client, releaseNamespace: string): ExternalDoor {
  async function optionsFor(keyServer: KeyServer, endpoint: string, pair: PairPem): Promise<ConnectionOptions> {
    const ca = readable(await externalTrust(client, releaseNamespace, keyServer), 'its authority (caSecretRef)')
    return { endpoint, ca, cert: pair.certificatePem, key: pair.keyPem, timeoutMs }
  }

  async function adminPair({ spec }: KeyServer): Promise<PairPem> {
    const name = spec.external?.adminSecretRef?.name
    if (name === undefined) throw new KesError('Unreachable', 'there is no administrator (adminSecretRef)')
    const secret = await client.get(secrets, { namespace: releaseNamespace, name })
    return readable(adminPairOf(secret), 'its administrator (adminSecretRef)')
  }

  return {
    at: (endpoint) => {
      const as: KesDoor['as'] = async (keyServer, pair, call) => {
        const kes = connect(await optionsFor(keyServer, endpoint, pair))
        try {
          return await call(kes)
        } finally {
          kes.close()
        }
      }
      return { as, asAdmin: async (keyServer, call) => as(keyServer, await adminPair(keyServer), call) }
    },
    dialect: async (keyServer, endpoint) =>
      dialectOf(await optionsFor(keyServer, endpoint, await adminPair(keyServer))),
  }
}

function readable<T>(found: Found<T>, what: string): T {
  if (found.is === 'found') return found.value
  throw new KesError(
    'Unreachable',
    `${what} ${found.is === 'missing' ? 'is not there' : `cannot be read: ${found.why}`}`,
  )
}
