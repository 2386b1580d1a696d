/** What KES, MinIO or the operator would refuse or trip over, and what to do. Scripts may rely on the words: never rename one. */
export const problems = {
  KeyEmpty: ['error', 'the key is empty: MinIO crashes when it reads it'],
  KeyUnreadable: ['error', 'the private key cannot be read'],
  KeyEncrypted: ['error', 'the private key has a password; remove it: openssl pkey -in FILE -out NEW'],
  KeyParameters: [
    'error',
    'an EC PARAMETERS block stands before the key: MinIO refuses the file; write it anew: openssl pkey -in FILE -out NEW',
  ],
  KeyNotAlone: ['error', 'beside the key stand other PEM blocks: MinIO refuses the file; it must be one block'],
  KeyDiffers: ['error', 'the key does not belong to the certificate beside it: neither KES nor MinIO starts with them'],
  CertificateUnreadable: ['error', 'a certificate cannot be read'],
  PemBroken: ['error', 'the PEM text is broken'],
  TwoLeaves: ['error', 'two certificates that are no authority stand together: KES answers 400; keep the one in use'],
  AuthorityAsLeaf: [
    'error',
    'CA:TRUE on a certificate of a client or server: current KES skips it and answers 400; issue one that is CA:FALSE (same key, same identity)',
  ],
  AuthorityOrLeaf: [
    'warning',
    'CA:TRUE and no key usage, as `openssl req -x509` makes everything: good as an authority only, current KES answers 400 to a client with it',
  ],
  NoNames: ['error', 'a certificate of a server without a DNS name or IP address: KES does not start with it'],
  Ended: ['error', 'it has ended; renew it with the same key'],
  NotYetValid: ['error', 'it is not valid yet: is the clock right?'],
  DoesNotChain: ['error', 'no authority at hand issued it: whoever trusts only those refuses it'],
  RenewalDue: ['warning', 'two thirds of its life are over: renew it with the same key'],
  OutlivesAuthority: ['warning', 'it outlives its authority: it is good only as long as that is'],
  NamesOfNoServer: [
    'warning',
    'for servers too, but without a DNS name or IP address: good for a client only, KES does not start with it',
  ],
  SelfSigned: [
    'warning',
    'self-signed: a client with it is refused once KES verifies; served by KES, each renewal needs a restart of MinIO; issue it from an authority',
  ],
  NoUsage: ['warning', 'it is for neither clients nor servers: KES and MinIO refuse it once they verify'],
  WeakSignature: ['warning', 'signed with SHA-1, which current programs refuse'],
  KeyInCertificate: [
    'warning',
    'a private key stands beside certificates: whoever needs only the certificate gets the key too',
  ],
} as const satisfies Readonly<Record<string, readonly ['error' | 'warning', string]>>

export type ProblemCode = keyof typeof problems

export interface Problem {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export const problem = (code: ProblemCode): Problem => ({
  code,
  severity: problems[code][0],
  message: problems[code][1],
})
