import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { identityOf } from '../../src/kes/identity.ts'
import { newUnsealKey } from '../../src/kes/unsealKey.ts'
import type { PairPem } from '../../src/pki/pair.ts'
import { systemRandom } from '../../src/pki/serialNumber.ts'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { ensureProgram } from '../rig/programs/programs.ts'
import type { E2eCluster } from './cluster.ts'

type Pair = PairPem & { readonly identity: string }

/** A stateful KES in an ordinary pod, as a person makes one: KES's own commands, four identities, a self-signed certificate. */
export interface HandMadeKes {
  readonly name: string
  readonly claim: string
  readonly endpoint: string
  readonly unsealKey: string
  readonly admin: Pair
  readonly minio: Pair
  readonly server: Pair
  /** Stops it for good; its volume stays. */
  readonly stop: () => Promise<void>
}

const policy = [
  '/v1/api',
  '/v1/log/audit',
  '/v1/log/error',
  '/v1/key/create/*',
  '/v1/key/generate/*',
  '/v1/key/decrypt/*',
  '/v1/key/bulk/decrypt/*',
]
const folder = '/etc/by-hand'
const dataPath = 'kes-data'
const image = (cluster: E2eCluster) => ({
  image: cluster.tier.statefulImage,
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'files', mountPath: folder },
  ],
})

/** With the keys, and MinIO's identity in the policy. */
export async function makeKesByHand(cluster: E2eCluster, name: string, keys: readonly string[]): Promise<HandMadeKes> {
  const { kubectl } = cluster
  const host = `${name}.${releaseNamespace}.svc`
  const [system, admin, minio, server] = await newIdentities(host)
  const unsealKey = newUnsealKey(systemRandom)
  const init = {
    version: 'v1',
    address: '0.0.0.0:7373',
    tls: { key: `${folder}/server.key`, cert: `${folder}/server.crt`, client: { verify_cert: false } },
    system: { admin: { identity: system.identity } },
    unseal: { environment: { name: 'MY_UNSEAL_KEY' } },
    enclave: { default: { admin: { identity: admin.identity }, policy: { minio: { allow: policy } } } },
  }
  const metadata = { namespace: releaseNamespace, name }
  const env = [
    { name: 'MY_UNSEAL_KEY', value: unsealKey },
    { name: 'HOME', value: '/data' },
    { name: 'KES_SERVER', value: 'https://127.0.0.1:7373' },
    { name: 'KES_CLIENT_KEY', value: `${folder}/admin.key` },
    { name: 'KES_CLIENT_CERT', value: `${folder}/admin.crt` },
  ]
  await cluster.create([
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: {
        'init.yml': stringify(init),
        'server.key': server.keyPem,
        'server.crt': server.certificatePem,
        'admin.key': admin.keyPem,
        'admin.crt': admin.certificatePem,
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports: [{ port: 7373 }] } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, labels: { app: name } },
      spec: {
        securityContext: { fsGroup: 65532 },
        terminationGracePeriodSeconds: 1,
        initContainers: [
          {
            ...image(cluster),
            name: 'init',
            env,
            command: ['/kes', 'init', '--config', `${folder}/init.yml`, `/data/${dataPath}`],
          },
        ],
        containers: [
          {
            ...image(cluster),
            name: 'kes',
            env,
            command: ['/kes', 'server', `/data/${dataPath}`],
            readinessProbe: { tcpSocket: { port: 7373 }, periodSeconds: 1 },
          },
        ],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: name } },
          { name: 'files', secret: { secretName: name } },
        ],
      },
    },
  ])
  try {
    await kubectl(['wait', `pod/${name}`, '-n', releaseNamespace, '--for=condition=Ready', '--timeout=60s'])
  } catch (cause) {
    const said = await kubectl(['get', 'events', '-n', releaseNamespace]).catch(String)
    const logs = await kubectl(['logs', name, '-n', releaseNamespace, '--all-containers', '--prefix']).catch(String)
    throw new Error(`KES by hand does not run:\n${said.slice(-2_000)}\n${logs}`, { cause })
  }
  const kes = (...words: readonly string[]) =>
    kubectl(['exec', '-n', releaseNamespace, name, '-c', 'kes', '--', '/kes', ...words])
  await kes('policy', 'assign', '-k', 'minio', minio.identity)
  for (const key of keys) await kes('key', 'create', '-k', key)
  return {
    name,
    claim: name,
    endpoint: `https://${host}:7373`,
    unsealKey,
    admin,
    minio,
    server,
    stop: async () => {
      await kubectl(['delete', 'pod,service,secret', name, '-n', releaseNamespace])
    },
  }
}

/** Where on the volume the data lies. */
export const handMadeDataPath = dataPath

async function newIdentities(host: string): Promise<readonly [Pair, Pair, Pair, Pair]> {
  const kes = await ensureProgram('kes-stateful')
  const home = mkdtempSync(join(tmpdir(), 'by-hand-'))
  const make = (name: string): Pair => {
    const [key, certificate] = [join(home, `${name}.key`), join(home, `${name}.crt`)]
    const names = ['--ip', '127.0.0.1', '--dns', host]
    execFileSync(kes, ['identity', 'new', '--key', key, '--cert', certificate, ...names, name], { stdio: 'pipe' })
    const certificatePem = readFileSync(certificate, 'utf8')
    return { certificatePem, keyPem: readFileSync(key, 'utf8'), identity: identityOf(certificatePem) }
  }
  try {
    return [make('system'), make('admin'), make('minio'), make('server')]
  } finally {
    rmSync(home, { recursive: true })
  }
}
