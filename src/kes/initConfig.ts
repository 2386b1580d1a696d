import { isAbsolute } from 'node:path'
import { stringify } from 'yaml'
import { isIdentity } from './identity.ts'
import { KesError } from './kesError.ts'

/** The variable from which KES reads the unseal key; `init.yml` holds its name and never its value. */
export const unsealVariable = 'KES_UNSEAL_KEY'
/** The enclave that is used when a request names none: all that MinIO of today can reach. */
const defaultEnclave = 'default'

export interface InitConfig {
  /** Stored as given and opened again at each start of the server: absolute paths. */
  readonly tls: { readonly keyPath: string; readonly certificatePath: string }
  /** May only make enclaves and seal. Cannot be changed later by any route. */
  readonly systemAdmin: string
  /** Does everything inside the enclave. Cannot be changed later by any route. */
  readonly enclaveAdmin: string
  /** Where to listen; every address and KES's own port unless a test says otherwise. */
  readonly address?: string
}

/**
 * Writes the `init.yml` of `kes init` (v0.22.3), YAML.
 *
 * No policy stands in it: policies are written over REST, where they can be changed. Client certificates are not
 * verified against authorities (only system roots could be named): KES identifies callers by their public key alone.
 * Throws `ConfigInvalid` for what KES would refuse, some of it only after it has written files.
 */
export function initConfig({ tls, systemAdmin, enclaveAdmin, address = '0.0.0.0:7373' }: InitConfig): string {
  if (!isIdentity(systemAdmin) || !isIdentity(enclaveAdmin)) throw invalid('the identity of an admin is no identity')
  if (systemAdmin === enclaveAdmin) throw invalid('the two admins must be different identities')
  if (!isAbsolute(tls.keyPath) || !isAbsolute(tls.certificatePath))
    throw invalid('the paths of the pair are not absolute')
  return stringify({
    version: 'v1',
    address,
    tls: { key: tls.keyPath, cert: tls.certificatePath, client: { verify_cert: false } },
    system: { admin: { identity: systemAdmin } },
    unseal: { environment: { name: unsealVariable } },
    enclave: { [defaultEnclave]: { admin: { identity: enclaveAdmin } } },
  })
}

const invalid = (message: string): KesError => new KesError('ConfigInvalid', message)
