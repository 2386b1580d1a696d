/** One way in which MinIO fails to start for its KMS, and what to do. */
export interface StartFailure {
  readonly code: string
  readonly sentence: string
}

/**
 * Words of MinIO's last lines, most telling first (each seen in a run of MinIO of 2026-02; the last three are the words of KES and Go).
 * What MinIO said is never repeated: some of its messages quote the line of the configuration file that they are about.
 */
const failures: readonly (readonly [RegExp, StartFailure])[] = [
  [
    /configuration for MinIO KES and static KMS key is present/,
    {
      code: 'StaticKey',
      sentence: 'a static key (MINIO_KMS_SECRET_KEY or MINIO_KMS_SECRET_KEY_FILE) is set besides KES: take it away',
    },
  ],
  [
    /configuration for MinIO KMS and (?:MinIO KES|static KMS key) is present/,
    { code: 'MinKms', sentence: 'variables of MinKMS (MINIO_KMS_SERVER, …) are set besides KES: take them away' },
  ],
  [
    /'MINIO_KMS_KES_API_KEY' and client certificate is present/,
    {
      code: 'ApiKey',
      sentence: 'MINIO_KMS_KES_API_KEY is set besides the client certificate: take it away',
    },
  ],
  [
    /incomplete configuration for MinIO KES/,
    { code: 'Incomplete', sentence: 'some of the five MINIO_KMS_KES_ variables are missing or empty' },
  ],
  [
    /Unable to load KES client certificate/,
    {
      code: 'ClientCertificate',
      sentence: 'the client certificate or its key is not at the path that MinIO was given',
    },
  ],
  [
    /does not contain a valid X\.509 PEM-encoded certificate/,
    { code: 'Authority', sentence: 'the file that MINIO_KMS_KES_CAPATH names holds no certificate' },
  ],
  [
    /envEntry malformed/,
    {
      code: 'ConfigurationFile',
      sentence: 'a line of the configuration file (config.env) is not of the form NAME=value',
    },
  ],
  [
    /requires a valid KMS configuration/,
    { code: 'NoKms', sentence: 'MINIO_KMS_AUTO_ENCRYPTION is on, and MinIO was given no KMS' },
  ],
  [/no such host/, { code: 'NoSuchHost', sentence: 'the name of the key server cannot be resolved' }],
  [
    /certificate signed by unknown authority|x509:/,
    { code: 'Untrusted', sentence: 'MinIO does not trust the certificate of the key server' },
  ],
  [
    /not authorized: insufficient permissions/,
    { code: 'NotAuthorized', sentence: 'the key server refuses the identity, or the key is none of its own' },
  ],
  [/key does not exist/, { code: 'KeyMissing', sentence: 'the key does not exist on the key server' }],
  [/Failed to connect to KMS/, { code: 'Unreachable', sentence: 'MinIO does not reach the key server' }],
]

/** What an output of MinIO says about its KMS; undefined where it says nothing that is known. */
export const startFailureIn = (output: string): StartFailure | undefined =>
  failures.find(([pattern]) => pattern.test(output))?.[1]
