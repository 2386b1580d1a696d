import type { Options } from '../commandLine/options.ts'

export const identitiesOptions = {
  folder: {
    type: 'string',
    value: 'DIR',
    description: 'Write files into this folder, which must be new or hold none of them.',
  },
  secrets: { type: 'boolean', description: 'Print Secrets as YAML instead, called as the controller calls them.' },
  'for-controller': {
    type: 'boolean',
    description:
      'With --secrets: only what the controller makes once (authority, unseal key, administrators); it finds them and makes the rest.',
  },
  namespace: {
    type: 'string',
    value: 'NAME',
    description: 'With --secrets: the namespace of the key server. Required there.',
  },
  'key-server': {
    type: 'string',
    value: 'NAME',
    default: 'default',
    description: 'With --secrets: the name of the KeyServer.',
  },
  'client-namespace': {
    type: 'string',
    value: 'NAME',
    description: "With --secrets: the namespace of MinIO's Secret kes-client. None: the one of --namespace.",
  },
  dns: { type: 'string', value: 'NAME', multiple: true, description: 'DNS name of the server, may be repeated.' },
  ip: { type: 'string', value: 'ADDRESS', multiple: true, description: 'IP address of the server, may be repeated.' },
  ca: {
    type: 'string',
    value: 'FILE',
    description: 'Certificate of an authority that exists. None: a new one is made.',
  },
  'ca-key': { type: 'string', value: 'FILE', description: 'Its private key. None: it is in the file of --ca.' },
  name: {
    type: 'string',
    value: 'TEXT',
    description: 'Common name of the new authority. Default: kes-injector NAME authority.',
  },
  lifetime: {
    type: 'string',
    value: 'DURATION',
    default: '90d',
    description: "How long the server's and MinIO's certificates are valid, like 90d or 2160h.",
  },
  'authority-lifetime': {
    type: 'string',
    value: 'DURATION',
    default: '1825d',
    description: 'How long a new authority and the certificates of both administrators are valid.',
  },
  'tls-folder': {
    type: 'string',
    value: 'DIR',
    description:
      'Where KES will find its pair, absolute: init.yml names it. None: the folder itself, and /etc/kes/tls with --secrets.',
  },
  address: {
    type: 'string',
    value: 'HOST:PORT',
    default: '0.0.0.0:7373',
    description: 'With --folder: where KES listens.',
  },
  'key-prefix': {
    type: 'string',
    value: 'TEXT',
    default: 'minio-',
    description: 'With --folder: minio-policy.json allows the keys whose names begin so.',
  },
  'allow-key-creation': {
    type: 'boolean',
    description:
      'With --folder: the policy lets MinIO create keys. HAZARD: a stateful KES that was restarted replaces an existing key.',
  },
} as const satisfies Options
