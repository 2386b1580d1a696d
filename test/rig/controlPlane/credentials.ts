import { generateKeyPair } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createAuthority, issue, type Authority } from '../../../src/pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'

const lifetimeMs = 365 * 24 * 3_600_000

type AuthorityName = 'kubernetes' | 'front-proxy' | 'etcd'

/** One certificate of the control plane or the node, as `issue` is asked for it. */
export interface Leaf {
  readonly name: string
  readonly authority?: AuthorityName
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly usages?: readonly ('server' | 'client')[]
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
}

/** Who talks to whom in every control plane (Kubernetes, "PKI certificates and requirements"). */
const controlPlaneLeaves: readonly Leaf[] = [
  {
    name: 'etcd',
    authority: 'etcd',
    commonName: 'etcd',
    usages: ['server', 'client'],
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
  },
  { name: 'etcd-client', authority: 'etcd', commonName: 'kube-apiserver-etcd-client' },
  { name: 'front-proxy-client', authority: 'front-proxy', commonName: 'front-proxy-client' },
  { name: 'kubelet-client', commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
  { name: 'admin', commonName: 'admin', organizations: ['system:masters'] },
  { name: 'kube-controller-manager', commonName: 'system:kube-controller-manager' },
  { name: 'kube-scheduler', commonName: 'system:kube-scheduler' },
]

const apiServerLeaf = (ipAddresses: readonly string[]): Leaf => ({
  name: 'kube-apiserver',
  commonName: 'kube-apiserver',
  usages: ['server'],
  dnsNames: [
    'localhost',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ],
  ipAddresses: ['127.0.0.1', ...ipAddresses],
})

export interface CredentialsRequest {
  readonly apiServerAddresses?: readonly string[]
  readonly leaves?: readonly Leaf[]
  readonly now?: Date
}

/** The keys and certificates of one control plane, as files `NAME.crt` and `NAME.key`; authorities are `NAME-ca.crt`. */
export interface Credentials {
  readonly path: (file: string) => string
  /** Answers a kubeconfig that holds all it needs, for a leaf of the kubernetes authority. */
  readonly kubeconfig: (leaf: string, server: string) => string
  readonly pem: (leaf: string) => ClientPair
}

export interface ClientPair {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Issues all credentials of a control plane with the product's own authority code, and writes them into a folder. */
export async function writeCredentials(folder: string, request: CredentialsRequest = {}): Promise<Credentials> {
  const { apiServerAddresses = [], leaves = [], now = new Date() } = request
  mkdirSync(folder, { mode: 0o700 })
  const path = (file: string): string => join(folder, file)
  const secret = (file: string, text: string): void => writeFileSync(path(file), text, { mode: 0o600 })

  const authority = (name: AuthorityName): Authority => {
    const made = createAuthority({ commonName: `rig ${name}`, lifetimeMs, now })
    writeFileSync(path(`${name}-ca.crt`), made.certificatePem)
    secret(`${name}-ca.key`, privateKeyPem(made.key))
    return made
  }
  const authorities = {
    kubernetes: authority('kubernetes'),
    'front-proxy': authority('front-proxy'),
    etcd: authority('etcd'),
  }

  const pairs = new Map<string, ClientPair>()
  for (const { name, authority: by = 'kubernetes', usages, ...subject } of [
    ...controlPlaneLeaves,
    apiServerLeaf(apiServerAddresses),
    ...leaves,
  ]) {
    const key = generatePrivateKey()
    const pair: ClientPair = {
      ca: authorities[by].certificatePem,
      cert: issue(authorities[by], { ...subject, usages: usages ?? ['client'], key, lifetimeMs, now }),
      key: privateKeyPem(key),
    }
    writeFileSync(path(`${name}.crt`), pair.cert)
    secret(`${name}.key`, pair.key)
    pairs.set(name, pair)
  }

  const serviceAccounts = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  secret('service-accounts.key', serviceAccounts.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  writeFileSync(path('service-accounts.pub'), serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' }))

  const pem = (leaf: string): ClientPair => {
    const pair = pairs.get(leaf)
    if (!pair) throw new RangeError(`no leaf ${leaf} was asked for`)
    return pair
  }
  return { path, pem, kubeconfig: (leaf, server) => kubeconfig(pem(leaf), server) }
}

function kubeconfig({ ca, cert, key }: ClientPair, server: string): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'rig', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'rig', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'rig' } }],
    'current-context': 'rig',
  }
  return `${JSON.stringify(config, undefined, 2)}\n` // JSON is YAML
}
