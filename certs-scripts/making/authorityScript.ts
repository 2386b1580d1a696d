import { createAuthority } from '../../src/pki/authority.ts'
import { certificateFacts } from '../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../src/pki/certificateParts.ts'
import { privateKeyPem } from '../../src/pki/privateKey.ts'
import { writeFiles } from '../commandLine/files.ts'
import { lifetimeMs } from '../commandLine/lifetime.ts'
import type { Options, ValuesOf } from '../commandLine/options.ts'
import type { Surroundings } from '../commandLine/script.ts'
import { wrongUsage } from '../commandLine/scriptError.ts'
import { checkedNamespace, checkedObjectName, objectsYaml, pairSecret } from './secretYaml.ts'

export const authorityOptions = {
  name: {
    type: 'string',
    value: 'TEXT',
    default: 'kes-injector authority',
    description: 'Common name, 1 to 64 characters; tells authorities apart.',
  },
  lifetime: {
    type: 'string',
    value: 'DURATION',
    default: '1825d',
    description: 'How long it is valid, like 1825d or 43800h. Nothing that it issues lives longer.',
  },
  cert: { type: 'string', value: 'FILE', description: 'File for the certificate. Default: ca.crt.' },
  key: { type: 'string', value: 'FILE', description: 'File for the private key (mode 0600). Default: ca.key.' },
  secret: {
    type: 'string',
    value: 'NAME',
    description: 'Print a Secret of this name (tls.crt, tls.key) as YAML instead of writing files.',
  },
  namespace: { type: 'string', value: 'NAME', description: 'Namespace of that Secret.' },
  force: {
    type: 'boolean',
    description: 'Replace existing files: what the old authority issued cannot be renewed any more.',
  },
} as const satisfies Options

/** `authority`: into two files, or as a Secret. */
export async function runAuthority(
  { name, lifetime, cert, key, secret, namespace, force }: ValuesOf<typeof authorityOptions>,
  { now, random, print, say }: Surroundings,
): Promise<boolean> {
  if ((secret === undefined) !== (namespace === undefined)) throw wrongUsage('--secret and --namespace go together')
  if (secret !== undefined && (cert ?? key) !== undefined)
    throw wrongUsage('--secret prints the pair, --cert and --key write it to files: choose one')
  const authority = createAuthority({
    commonName: name,
    lifetimeMs: lifetimeMs(lifetime, 'lifetime'),
    now: now(),
    random,
  })
  const { certificatePem } = authority
  const keyPem = privateKeyPem(authority.key)
  if (secret !== undefined && namespace !== undefined) {
    const place = { name: checkedObjectName(secret, 'secret'), namespace: checkedNamespace(namespace, 'namespace') }
    print(
      objectsYaml([pairSecret({ ...place, layout: 'tls' }, { certificatePem, keyPem, authorityPem: certificatePem })]),
    )
  } else {
    const files = [
      { path: key ?? 'ca.key', text: keyPem, holds: 'secret' },
      { path: cert ?? 'ca.crt', text: certificatePem, holds: 'public' },
    ] as const
    const advice = 'a new authority is not trusted by anybody who trusts that one; choose other files, or --force'
    await writeFiles(files, () => force ?? false, advice)
  }
  const { notAfter, fingerprint } = certificateFacts(readCertificate(certificatePem))
  const tell = secret === undefined ? print : say
  tell(`made: a new authority until ${notAfter.toISOString()}\nfingerprint (SHA-256) ${fingerprint}\n`)
  return true
}
