import { expect, it } from 'vitest'
import { kmsConflict } from '../../../src/minio/kmsConflict.ts'

it.each([
  ['MINIO_KMS_SECRET_KEY', 'stops'],
  ['MINIO_KMS_SECRET_KEY_FILE', 'stops'],
  ['MINIO_KMS_SERVER', 'stops'],
  ['MINIO_KMS_API_KEY', 'stops'],
  ['MINIO_KMS_KES_API_KEY', 'stops'],
  ['MINIO_KMS_KES_ENDPOINT', 'decides'],
  ['MINIO_KMS_KES_CAPATH', 'decides'],
  ['MINIO_KMS_KES_ENCLAVE', 'doubtful'],
  ['MINIO_KMS_SOMETHING_NEW', 'doubtful'],
  ['MINIO_KMS_KES_KEY_PASSWORD', 'none'],
  ['MINIO_KMS_AUTO_ENCRYPTION', 'none'],
  ['MINIO_ROOT_PASSWORD', 'none'],
])('%s beside KES: %s', (name, conflict) => expect(kmsConflict(name)).toBe(conflict))
