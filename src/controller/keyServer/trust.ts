import type { KeyServer } from '../../api/keyServer.ts'
import type { Client } from '../../kube/client.ts'
import { secrets } from '../../kube/resources.ts'
import { splitBundle } from '../../pki/bundle.ts'
import { broken, found, missing, readOr, secretText, type Found } from '../found.ts'

/** The certificates by which clients know a server that somebody else runs: what else stands in that Secret is handed to nobody. */
export async function externalTrust(
  client: Client,
  releaseNamespace: string,
  { spec }: KeyServer,
): Promise<Found<string>> {
  if (!spec.external) return missing
  const { name, key } = spec.external.caSecretRef
  const secret = await client.get(secrets, { namespace: releaseNamespace, name })
  if (!secret) return missing
  const text = secretText(secret, key)
  if (text === undefined) return broken(`there is no ${key} in it`)
  const certificates = readOr(() => splitBundle(text))
  if (certificates.is !== 'found') return certificates
  return certificates.value.length > 0
    ? found(certificates.value.join(''))
    : broken(`there is no certificate in ${key}`)
}

/** What clients of a key server trust as its authority: ours, but for a server that somebody else runs. */
export async function trustOf(
  client: Client,
  releaseNamespace: string,
  keyServer: KeyServer,
  authorityPem: string | undefined,
): Promise<string | undefined> {
  if (!keyServer.spec.external) return authorityPem
  const trust = await externalTrust(client, releaseNamespace, keyServer)
  return trust.is === 'found' ? trust.value : undefined
}
