import { createHash } from 'node:crypto'
import type { KeyServer } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { isUnsealKey } from '../../kes/unsealKey.ts'
import type { Client } from '../../kube/client.ts'
import { secrets, type Secret } from '../../kube/resources.ts'
import { readPair, type PairPem } from '../../pki/pair.ts'
import { broken, found, missing, readOr, secretText, type Found } from '../found.ts'
import { foundAuthority } from '../storedAuthority.ts'
import type { AdminFacts, Existing } from './observed.ts'

/** The fingerprint by which an unseal key is known. */
export const unsealFingerprint = (key: string): string => createHash('sha256').update(key).digest('hex')

/** As a person laid it there: KES does not mind a newline at its end. */
function unsealKeyIn(secret: Secret | undefined, entry: string): Found<string> {
  if (!secret) return missing
  const text = secretText(secret, entry)
  if (text === undefined) return broken(`there is no ${entry} in it`)
  return isUnsealKey(text) ? found(text.trim()) : broken(`${entry} is not base64 of 32 bytes`)
}

/** A pair under the names of a TLS Secret, or under those that KES and the MinIO operator use. */
function pairIn(secret: Secret | undefined): Found<PairPem> {
  if (!secret) return missing
  for (const [certificate, key] of [
    ['tls.crt', 'tls.key'],
    ['public.crt', 'private.key'],
  ] as const) {
    const [certificatePem, keyPem] = [secretText(secret, certificate), secretText(secret, key)]
    if (certificatePem !== undefined && keyPem !== undefined) return found({ certificatePem, keyPem })
  }
  return broken('it has neither tls.crt and tls.key nor public.crt and private.key')
}

const then = <T, U>(from: Found<T>, read: (value: T) => Found<U>): Found<U> =>
  from.is === 'found' ? read(from.value) : from

const adminFacts = (pem: PairPem): Found<AdminFacts> =>
  readOr(() => ({ identity: identityOf(pem.certificatePem), pair: { ...readPair(pem), pem } }))

/** A Secret as the controller keeps authorities, from whatever names the pair had. */
const asAuthority = ({ certificatePem, keyPem }: PairPem): Secret => ({
  metadata: { name: '' },
  data: {
    'tls.crt': Buffer.from(certificatePem).toString('base64'),
    'tls.key': Buffer.from(keyPem).toString('base64'),
  },
})

/** The material of a server that was made by hand, itself: for one copy, never for a log. */
export interface ExistingMaterial {
  unsealKey(keyServer: KeyServer): Promise<Found<string>>
  pair(keyServer: KeyServer, which: 'enclave' | 'system' | 'authority'): Promise<Found<PairPem> | 'notGiven'>
}

/** Reads the Secrets that `spec.stateful.existing` names. */
export function existingMaterial(client: Client, releaseNamespace: string): ExistingMaterial {
  const secret = (name: string) => client.get(secrets, { namespace: releaseNamespace, name })
  return {
    async unsealKey({ spec }) {
      const ref = spec.stateful?.existing?.unsealSecretRef
      return ref ? unsealKeyIn(await secret(ref.name), ref.key) : missing
    },
    async pair({ spec }, which) {
      const existing = spec.stateful?.existing
      const ref = {
        enclave: existing?.adminSecretRef,
        system: existing?.systemAdminSecretRef,
        authority: existing?.importAuthority,
      }[which]
      return ref ? pairIn(await secret(ref.name)) : 'notGiven'
    },
  }
}

/** What those Secrets hold, without a byte of a key in it but the pairs themselves; undefined for a server of our own making. */
export async function existingFacts(material: ExistingMaterial, keyServer: KeyServer): Promise<Existing | undefined> {
  if (!keyServer.spec.stateful?.existing) return undefined
  const [unsealKey, enclave, system, authority] = await Promise.all([
    material.unsealKey(keyServer),
    material.pair(keyServer, 'enclave'),
    material.pair(keyServer, 'system'),
    material.pair(keyServer, 'authority'),
  ])
  return {
    unsealKey: then(unsealKey, (key) => found(unsealFingerprint(key))),
    enclaveAdmin: enclave === 'notGiven' ? missing : then(enclave, adminFacts),
    systemAdmin: system === 'notGiven' ? system : then(system, adminFacts),
    authority: authority === 'notGiven' ? authority : then(authority, (pem) => foundAuthority(asAuthority(pem))),
  }
}
