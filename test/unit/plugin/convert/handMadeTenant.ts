import { literal, tenant } from '../../../fixtures/objects.ts'

type Entry = Readonly<Record<string, unknown>>

export const oldClient: Entry = { name: 'kes-minio', type: 'Opaque' }
export const oldServer: Entry = { name: 'kes-minio-public', type: 'Opaque' }
export const users: Entry = { name: 'ldap-client', type: 'kubernetes.io/tls' }
export const ours: Entry = { name: 'kes-client', type: 'cert-manager.io/v1' }

export const root = [literal('MINIO_ROOT_USER', 'minio'), literal('MINIO_ROOT_PASSWORD', 'of-the-user')]

/** The five as hands write them, for entries at these indices. */
export const handMadeEnv = (client = 0, authority = 1): readonly Entry[] => [
  literal('MINIO_KMS_KES_ENDPOINT', 'https://10.244.1.7:7373'),
  literal('MINIO_KMS_KES_CERT_FILE', `/tmp/certs/client-${client}/client.crt`),
  literal('MINIO_KMS_KES_KEY_FILE', `/tmp/certs/client-${client}/client.key`),
  literal('MINIO_KMS_KES_KEY_NAME', 'minio-default-key'),
  literal('MINIO_KMS_KES_CAPATH', `/tmp/certs/client-${authority}/client.crt`),
]

/** The same afterwards, for our entry at this index: in the order in which the user wrote them. */
export const convertedEnv = (index = 0, keyServer = 'default'): readonly Entry[] => [
  literal('MINIO_KMS_KES_ENDPOINT', `https://kes-${keyServer}.kes-system.svc:7373`),
  literal('MINIO_KMS_KES_CERT_FILE', `/tmp/certs/client-${index}/client.crt`),
  literal('MINIO_KMS_KES_KEY_FILE', `/tmp/certs/client-${index}/client.key`),
  literal('MINIO_KMS_KES_KEY_NAME', 'minio-default-key'),
  literal('MINIO_KMS_KES_CAPATH', `/tmp/certs/CAs/client-ca-${index}.crt`),
]

/** A Tenant as a person edits one to use a stateful KES in a pod of its namespace. */
export const handMadeTenant = (spec: Entry = {}): Entry =>
  tenant({ env: [...root, ...handMadeEnv()], externalClientCertSecrets: [oldClient, oldServer], ...spec })
