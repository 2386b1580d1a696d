import type { KeyServer } from '../api/keyServer.ts'
import { keyServerWorkload } from '../api/names.ts'
import { pairPemOf, secretText } from '../controller/found.ts'
import { materialName } from '../controller/keyServer/material.ts'
import type { Secret } from '../kube/resources.ts'
import type { PairPem } from '../pki/pair.ts'

/** Where the key material of a stateful key server lies, in the release namespace. One that was taken over has copies there, too. */
export type MaterialNames = Readonly<Record<'authority' | 'unseal' | 'enclaveAdmin' | 'systemAdmin' | 'server', string>>

export const materialNames = ({ metadata: { name } }: Pick<KeyServer, 'metadata'>): MaterialNames => ({
  authority: materialName(name, 'authority-1'),
  unseal: materialName(name, 'unseal'),
  enclaveAdmin: materialName(name, 'enclave-admin'),
  systemAdmin: materialName(name, 'system-admin'),
  server: materialName(name, 'server'),
})

/** Name of the claim of its volume. */
export const claimNameOf = ({ metadata: { name }, spec: { stateful } }: KeyServer): string =>
  stateful?.existing?.claimName ?? `data-${keyServerWorkload(name)}-0`

/** The Secrets without which nothing can be restored; the others are made again. */
export const neededSecrets = ({ authority, unseal, enclaveAdmin }: MaterialNames): readonly string[] => [
  authority,
  unseal,
  enclaveAdmin,
]

type Secrets = readonly Secret[]

const named = (secrets: Secrets, name: string): Secret | undefined =>
  secrets.find(({ metadata }) => metadata.name === name)

/** The pair in one of these Secrets; undefined where it is not there. */
export function pairIn(secrets: Secrets, name: string): PairPem | undefined {
  const secret = named(secrets, name)
  return secret && pairPemOf(secret)
}

/** The certificate in one of these Secrets: of an authority that signs elsewhere there is no key. */
export function certificateIn(secrets: Secrets, name: string): string | undefined {
  const secret = named(secrets, name)
  return secret && secretText(secret, 'tls.crt')
}

/** The unseal key as KES reads it. */
export function unsealKeyIn(secrets: Secrets, { unseal }: MaterialNames): string | undefined {
  const secret = named(secrets, unseal)
  return secret && secretText(secret, 'key')
}
