import { kesVariableNamed, kmsFamily } from './environment.ts'

/** What a variable does to a MinIO that is given the five of KES besides. */
export type KmsConflict =
  /** MinIO ends at its start. */
  | 'stops'
  /** Where the place that it stands in is read later than ours, it decides. */
  | 'decides'
  /** It leads MinIO to another part of the key server, or nobody knows what it does. */
  | 'doubtful'
  | 'none'

const apiKey = 'MINIO_KMS_KES_API_KEY'
/** Read with a key that has a password, and passed over with one that has none (seen by a real run). */
const harmless: ReadonlySet<string> = new Set(['MINIO_KMS_KES_KEY_PASSWORD', 'MINIO_KMS_KES_CA_PATH'])
const minKms: ReadonlySet<string> = new Set([
  'MINIO_KMS_SERVER',
  'MINIO_KMS_ENCLAVE',
  'MINIO_KMS_SSE_KEY',
  'MINIO_KMS_API_KEY',
])

/**
 * MinIO takes one KMS and refuses to start where variables of two are present; an API key beside a client certificate counts as well
 * (MinIO internal/kms/config.go; each seen in a run of MinIO of 2026-02, which lets only an empty MINIO_KMS_SECRET_KEY pass).
 */
export function kmsConflict(name: string): KmsConflict {
  if (kesVariableNamed(name)) return 'decides'
  if (name === apiKey || minKms.has(name)) return 'stops'
  switch (kmsFamily(name)) {
    case undefined:
      return 'none'
    case 'static':
      return 'stops'
    case 'kes':
      return harmless.has(name) ? 'none' : 'doubtful'
    case 'minkms':
      return 'doubtful'
  }
}
