/** The five variables that connect MinIO to a KES over mutual TLS: all of them or none (MinIO internal/kms/config.go). */
export const kesVariables = {
  endpoint: 'MINIO_KMS_KES_ENDPOINT',
  keyName: 'MINIO_KMS_KES_KEY_NAME',
  certificateFile: 'MINIO_KMS_KES_CERT_FILE',
  keyFile: 'MINIO_KMS_KES_KEY_FILE',
  authorityPath: 'MINIO_KMS_KES_CAPATH',
} as const

export type KesVariable = keyof typeof kesVariables

/** In the order in which we write them: two versions of the webhook must give the same bytes. */
export const kesVariableOrder: readonly KesVariable[] = [
  'endpoint',
  'keyName',
  'certificateFile',
  'keyFile',
  'authorityPath',
]

/** The values of the five. */
export type KesSettings = Readonly<Record<KesVariable, string>>

const variableOfName: ReadonlyMap<string, KesVariable> = new Map(
  kesVariableOrder.map((each) => [kesVariables[each], each]),
)

/** Which of the five a name is, if any. */
export const kesVariableNamed = (name: string): KesVariable | undefined => variableOfName.get(name)

export const kmsPrefix = 'MINIO_KMS_'

/** Where MinIO reads more environment from; what stands there beats the container's (MinIO cmd/common-main.go). */
export const configurationFileVariable = 'MINIO_CONFIG_ENV_FILE'

/**
 * Variables with the prefix that choose no KMS, only how MinIO uses the one it has: beside ours they do no harm, and
 * `MINIO_KMS_AUTO_ENCRYPTION=on` without any KMS stops MinIO, so their owner wants to be connected.
 */
const behaviour: ReadonlySet<string> = new Set([
  'MINIO_KMS_AUTO_ENCRYPTION',
  'MINIO_KMS_REPLICATE_KEYID',
  'MINIO_KMS_KEY_CACHE_INTERVAL',
])

const staticKey: ReadonlySet<string> = new Set(['MINIO_KMS_SECRET_KEY', 'MINIO_KMS_SECRET_KEY_FILE'])

/** MinIO's ways to a KMS. Variables of two of them stop MinIO, even when they are empty. */
export type KmsFamily = 'kes' | 'minkms' | 'static'

/**
 * The family of a variable; undefined for all that choose no KMS. What is not known but has the prefix counts as MinKMS,
 * whose names carry no mark of their own: better left alone than broken.
 *
 * The MinIO image itself sets `MINIO_KMS_SECRET_KEY_FILE=kms_master_key` and MinIO drops it when no such file exists;
 * that default is no conflict, and it is not visible here. Where an object names the variable, somebody meant it.
 */
export function kmsFamily(name: string): KmsFamily | undefined {
  if (!name.startsWith(kmsPrefix) || behaviour.has(name)) return undefined
  if (name.startsWith('MINIO_KMS_KES_')) return 'kes'
  return staticKey.has(name) ? 'static' : 'minkms'
}
