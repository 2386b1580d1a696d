/** What one field of a key store section holds. Everything is text to KES (kesconf/config.go of v0.24.0), but for one list. */
type Field = 'needed' | 'optional' | 'list'

/** Fields by name. A group that is `optional` may be left out; one whose fields are needed is then needed with them. */
export interface Shape {
  readonly [field: string]: Field | Shape | Optional
}

export interface Optional {
  readonly optional: Shape
}

const optional = (shape: Shape): Optional => ({ optional: shape })

/** A certificate to trust, as a path inside the KES pod. */
const trust = optional({ ca: 'optional' })

/** The key stores of a current KES, each with the fields that KES reads (v0.24.0): all others it would ignore without a word. */
export const keystoreShapes = {
  fs: { path: 'needed' },
  vault: {
    endpoint: 'needed',
    engine: 'optional',
    version: 'optional',
    namespace: 'optional',
    prefix: 'optional',
    transit: optional({ engine: 'optional', key: 'needed' }),
    approle: optional({ engine: 'optional', namespace: 'optional', id: 'needed', secret: 'needed' }),
    kubernetes: optional({ engine: 'optional', namespace: 'optional', role: 'needed', jwt: 'needed' }),
    tls: optional({ key: 'optional', cert: 'optional', ca: 'optional' }),
    status: optional({ ping: 'optional' }),
  },
  aws: {
    secretsmanager: {
      endpoint: 'needed',
      region: 'needed',
      kmskey: 'optional',
      credentials: optional({ accesskey: 'optional', secretkey: 'optional', token: 'optional' }),
    },
  },
  gcp: {
    secretmanager: {
      project_id: 'needed',
      endpoint: 'optional',
      scopes: 'list',
      credentials: optional({
        client_email: 'optional',
        client_id: 'optional',
        private_key_id: 'optional',
        private_key: 'optional',
      }),
    },
  },
  azure: {
    keyvault: {
      endpoint: 'needed',
      credentials: optional({ tenant_id: 'needed', client_id: 'needed', client_secret: 'needed' }),
      managed_identity: optional({ client_id: 'needed' }),
    },
  },
  fortanix: {
    sdkms: { endpoint: 'needed', group_id: 'optional', credentials: { key: 'needed' }, tls: trust },
  },
  gemalto: {
    keysecure: { endpoint: 'needed', credentials: { token: 'needed', domain: 'optional' }, tls: trust },
  },
  entrust: {
    keycontrol: {
      endpoint: 'needed',
      vault_id: 'needed',
      box_id: 'needed',
      credentials: { username: 'needed', password: 'needed' },
      tls: trust,
    },
  },
} as const satisfies Readonly<Record<string, Shape>>

export type KeystoreKind = keyof typeof keystoreShapes

/** Of each list exactly one, or at most one, may be there: two ways to prove oneself are refused, and Vault needs one. */
export const alternatives: Readonly<Record<string, { readonly fields: readonly string[]; readonly needed: boolean }>> =
  {
    vault: { fields: ['approle', 'kubernetes'], needed: true },
    'azure.keyvault': { fields: ['credentials', 'managed_identity'], needed: false },
  }

/** Of each pair none or both. */
export const together: Readonly<Record<string, readonly [string, string]>> = { 'vault.tls': ['key', 'cert'] }

/** Values that KES takes and then cannot work with. */
export const choices: Readonly<Record<string, readonly string[]>> = { 'vault.version': ['v1', 'v2'] }
