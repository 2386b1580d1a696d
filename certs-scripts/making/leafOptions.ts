import type { Options } from '../commandLine/options.ts'

/** The flags that `server` and `client` have in common. */
export const leafOptions = {
  ca: {
    type: 'string',
    value: 'FILE',
    description: 'Certificate of the authority that issues: PEM, or a Secret as YAML or JSON. Required.',
  },
  'ca-key': { type: 'string', value: 'FILE', description: 'Its private key. None: it is in the file of --ca.' },
  name: { type: 'string', value: 'TEXT', description: "Common name, 1 to 64 characters. KES doesn't look at it." },
  lifetime: {
    type: 'string',
    value: 'DURATION',
    default: '90d',
    description: 'How long the certificate is valid, like 90d, 2160h or 1h30m; never longer than its authority.',
  },
  cert: { type: 'string', value: 'FILE', description: 'File for the certificate.' },
  key: { type: 'string', value: 'FILE', description: 'File for the private key (mode 0600).' },
  secret: {
    type: 'string',
    value: 'NAME',
    description: 'Print a Secret of this name with the pair and ca.crt, as YAML, instead of writing files.',
  },
  namespace: { type: 'string', value: 'NAME', description: 'Namespace of that Secret.' },
  layout: {
    type: 'string',
    value: 'tls|kes',
    description:
      'Its entries: tls.crt and tls.key (type kubernetes.io/tls), or public.crt and private.key (Opaque). Default: tls.',
  },
  renew: {
    type: 'boolean',
    description:
      'A new certificate for the key that --key or --from holds: the KES identity stays. The key is only read.',
  },
  from: {
    type: 'string',
    value: 'FILE',
    description:
      'With --renew: a Secret (YAML or JSON) with the pair, - for standard input. The new Secret is printed.',
  },
  force: {
    type: 'boolean',
    description:
      'Replace existing files. A replaced key is a new identity (re-key): whoever used the old one is refused.',
  },
} as const satisfies Options
