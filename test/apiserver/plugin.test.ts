import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namespaces } from '../../src/kube/resources.ts'
import { optIn, type OwnNamespace } from '../fixtures/clusterAccess.ts'
import { kubectlKes, type Ended } from '../fixtures/kubectlKes.ts'
import { until } from '../rig/waiting.ts'
import { minioPod, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()
const kes = (...args: readonly string[]): Promise<Ended> => kubectlKes(cluster.tier.kubeconfig, args)

/** A value that nobody may ever see in an output. */
const canary = randomBytes(24).toString('hex')

/** What `config.env` of a Tenant can hold that no webhook sees. */
const configuration = [
  `export MINIO_ROOT_PASSWORD="${canary}"`,
  `export MINIO_KMS_SECRET_KEY=my-key:${canary}`,
  `export MINIO_KMS_KES_KEY_NAME='${canary}'`,
  `MINIO_KMS_KES_API_KEY=kes:v1:${canary}`,
  'export MINIO_KMS_KES_ENDPOINT="https://kes-default.kes-injector.svc:7373"',
].join('\n')

const secret = (namespace: string, name: string, stringData: object): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  stringData,
})

let own: OwnNamespace
let namespace: string
let viewer: string
beforeAll(async () => {
  own = await cluster.makeNamespace({ labels: optIn })
  namespace = own.name
  await cluster.apply([secret(namespace, 'store-configuration', { 'config.env': configuration })])
  await cluster.client.create(tenants, tenant(namespace))
  viewer = await viewersKubeconfig()
})
afterAll(() => own[Symbol.asyncDispose]())

/** The rights of `view`, which leaves Secrets out, and a kubeconfig that has no more. */
async function viewersKubeconfig(): Promise<string> {
  await cluster.kubectl(['create', 'serviceaccount', 'viewer', '-n', namespace])
  await cluster.kubectl([
    'create',
    'rolebinding',
    'v',
    '--clusterrole=view',
    `--serviceaccount=${namespace}:viewer`,
    '-n',
    namespace,
  ])
  const token = (await cluster.kubectl(['create', 'token', 'viewer', '-n', namespace])).trim()
  const config = JSON.parse(readFileSync(cluster.tier.kubeconfig, 'utf8')) as object
  const file = join(cluster.tier.folder, 'viewer.kubeconfig')
  writeFileSync(file, JSON.stringify({ ...config, users: [{ name: 'rig', user: { token } }] }), { mode: 0o600 })
  return file
}

describe('kubectl kes explain, of a Tenant whose config.env holds a KMS', () => {
  it('names what stops MinIO and what beats the connection, with its place', async () => {
    const { code, out, err } = await kes('explain', 'tenant/store', '-n', namespace)
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toContain('left alone, by the rule AlreadyInjected')
    expect(out).toContain(`its key server is default, its key ${namespace}_minio`)
    const place = 'Secret store-configuration, config.env: sets'
    expect(out).toMatch(new RegExp(`PROBLEM +${place} MINIO_KMS_SECRET_KEY\\. Beside KES it stops MinIO`))
    expect(out).toMatch(new RegExp(`PROBLEM +${place} MINIO_KMS_KES_KEY_NAME to another value, and that one wins`))
    expect(out).toMatch(new RegExp(`warning +${place} MINIO_KMS_KES_API_KEY.*only operators before v6`))
    expect(out).toMatch(new RegExp(`note +${place} MINIO_KMS_KES_ENDPOINT to the very value`))
    expect(out).not.toContain('MINIO_ROOT_PASSWORD')
  })

  it.each([[], ['-o', 'json']])('prints no value of a Secret %#', async (...flags) => {
    const { out, err } = await kes('explain', 'tenant/store', '-n', namespace, ...flags)
    expect(out).toContain('MINIO_KMS_SECRET_KEY')
    expect(out + err).not.toContain(canary)
    expect(out + err).not.toContain(Buffer.from(canary).toString('base64').slice(0, 20))
  })

  it('says what it may not read, and goes on', async () => {
    const { out } = await kubectlKes(viewer, ['explain', 'pod/hidden', '-n', namespace, '-f', '-'], podWithFile())
    expect(out).toContain('Secret minio-env, config.env: you may not read it')
    expect(out).toContain('by the rule Injected')
    expect(out).toContain('you may not read KeyServers')
  })
})

const podWithFile = (): string =>
  JSON.stringify(
    minioPod(
      namespace,
      'hidden',
      {
        env: [{ name: 'MINIO_CONFIG_ENV_FILE', value: '/etc/minio-env/config.env' }],
        volumeMounts: [{ name: 'env', mountPath: '/etc/minio-env/' }],
      },
      { volumes: [{ name: 'env', secret: { secretName: 'minio-env' } }] },
    ),
  )

describe('kubectl kes explain, of plain MinIO', () => {
  it('follows MINIO_CONFIG_ENV_FILE and envFrom of a file into the Secrets that they come from', async () => {
    await cluster.apply([
      secret(namespace, 'minio-env', { 'config.env': `MINIO_KMS_KES_ENDPOINT=https://${canary}:7373` }),
      secret(namespace, 'minio-all', { KMS_SERVER: canary }),
    ])
    const pod = JSON.parse(podWithFile()) as { spec: { containers: { envFrom?: object[] }[] } }
    const [container] = pod.spec.containers
    if (container) container.envFrom = [{ prefix: 'MINIO_', secretRef: { name: 'minio-all' } }]
    const { code, out } = await kubectlKes(cluster.tier.kubeconfig, ['explain', '-f', '-'], JSON.stringify(pod))
    expect(code).toBe(1)
    expect(out).toContain('by the rule Injected')
    expect(out).toContain('+ adds the variable MINIO_KMS_KES_KEY_NAME=')
    expect(out).toContain(
      'Secret minio-env, config.env: sets MINIO_KMS_KES_ENDPOINT to another value, and that one wins',
    )
    expect(out).toContain('Secret minio-all: sets MINIO_KMS_SERVER. Beside KES it stops MinIO')
    expect(out).not.toContain(canary)
  })

  it('finds a pod that was created before the label, and says what to do', async () => {
    await using later = await cluster.makeNamespace()
    await cluster.create([minioPod(later.name, 'early')])
    const before = await kes('explain', 'pod/early', '-n', later.name)
    expect(before.code).toBe(0)
    expect(before.out).toContain('The webhook is not asked')
    await cluster.kubectl(['label', 'namespace', later.name, 'kes-injector.io/inject=enabled'])
    const { code, out } = await kes('explain', `namespace/${later.name}`)
    expect(code).toBe(1)
    expect(out).toContain('pod early: runs without KES')
  })

  it('decides about a StatefulSet by the pod that it would make', async () => {
    const template = { metadata: { labels: { app: 'm' } }, spec: minioPod(namespace, 'x')['spec'] }
    const set = {
      metadata: { name: 'm', namespace },
      spec: { serviceName: 'm', selector: { matchLabels: { app: 'm' } }, template },
    }
    const manifest = JSON.stringify({ apiVersion: 'apps/v1', kind: 'StatefulSet', ...set })
    const { out } = await kubectlKes(cluster.tier.kubeconfig, ['explain', 'sts/m', '-f', '-'], manifest)
    expect(out).toContain('statefulset/m')
    expect(out).toContain('by the rule Injected')
  })

  it('says that there is no such object', async () => {
    const { code, out, err } = await kes('explain', 'pod/nobody', '-n', namespace)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`pod nobody in namespace ${namespace}: it does not exist`)
  })
})

describe('kubectl kes status', () => {
  it('shows the key server, the identity and why it waits', async () => {
    const waits = () =>
      kes('status', '-n', namespace).then((each) => (each.out.includes('KeyServerNotReady') ? each : undefined))
    const { code, out } = await until(waits, { what: 'the controller to have looked', timeoutMs: 30_000 })
    // No pod runs in this tier, so no key server ever is Ready.
    expect(code).toBe(1)
    expect(out).toMatch(/^default +stateful +False/m)
    expect(out).toContain('https://kes-default.kes-injector.svc:7373')
    expect(out).toMatch(new RegExp(`^${namespace} +kes-client +default +${namespace}_minio +False`, 'm'))
    const { out: json } = await kes('status', '-n', namespace, '--output', 'json')
    expect(JSON.parse(json)).toMatchObject({
      keyServers: [{ name: 'default', kind: 'stateful' }],
      identities: [{ namespace, name: 'kes-client', keyServer: 'default' }],
      namespaces: [namespace],
    })
  })
})

describe('kubectl kes check', () => {
  it('finds what is installed, and that no pod of it runs here', async () => {
    const { code, out } = await kes('check')
    expect(code).toBe(1)
    expect(out).toMatch(/^Kubernetes version +ok +v1\./m)
    expect(out).toMatch(/^definition keyservers.kes-injector.io +ok/m)
    expect(out).toMatch(/^webhook configuration kes-injector +ok +authority until /m)
    expect(out).toMatch(/^guard kes-injector-key-secrets +ok/m)
    expect(out).toMatch(/^deployment kes-injector-webhook +FAILED +0 of 2 ready/m)
  })

  it('does not take what a person may not see for wrong', async () => {
    const { code, out } = await kubectlKes(viewer, ['check', '-o', 'json'])
    expect(code).toBe(0)
    const { checks } = JSON.parse(out) as { checks: { result: string }[] }
    expect(new Set(checks.map(({ result }) => result))).toEqual(new Set(['ok', 'unknown']))
  })
})

describe('kubectl kes inject and uninject', () => {
  it('change nothing until somebody says yes', async () => {
    await using fresh = await cluster.makeNamespace()
    const labelled = async () =>
      (await cluster.client.get(namespaces, { name: fresh.name }))?.metadata.labels?.['kes-injector.io/inject']
    const shown = await kes('inject', `namespace/${fresh.name}`)
    expect(shown.code).toBe(0)
    expect(shown.out).toContain(`the KeyServer default and the key ${fresh.name}_minio`)
    expect(shown.out).toContain('Nothing was changed. To do it, say it again with --yes.')
    expect(await labelled()).toBeUndefined()

    expect((await kes('inject', `namespace/${fresh.name}`, '--yes')).code).toBe(0)
    expect(await labelled()).toBe('enabled')
    expect((await kes('uninject', `namespace/${fresh.name}`)).code).toBe(0)
    expect(await labelled()).toBe('enabled')
    expect((await kes('uninject', `namespace/${fresh.name}`, '--yes')).code).toBe(0)
    expect(await labelled()).toBeUndefined()
  })

  it('do not opt in a namespace whose key server does not exist', async () => {
    await using lost = await cluster.makeNamespace({ annotations: { 'kes-injector.io/key-server': 'nowhere' } })
    const { code, out } = await kes('inject', `namespace/${lost.name}`, '--yes')
    expect(code).toBe(1)
    expect(out).toContain('KeyServerUnknown')
    const { metadata } = (await cluster.client.get(namespaces, { name: lost.name })) ?? {}
    expect(metadata?.labels).not.toHaveProperty('kes-injector.io/inject')
  })

  it('do not disconnect a Tenant, and say what that would cost', async () => {
    const { code, out } = await kes('uninject', 'tenant/store', '-n', namespace, '--yes')
    expect(code).toBe(1)
    expect(out).toContain('a Tenant that is disconnected has lost them')
    const { metadata } = (await cluster.client.get(tenants, { namespace, name: 'store' })) ?? {}
    expect(metadata).not.toHaveProperty('annotations')
  })

  it('do not adopt a Tenant before its identity is Ready, or with a KMS of its own in config.env', async () => {
    await using later = await cluster.makeNamespace()
    const { name } = later
    await cluster.apply([secret(name, 'store-configuration', { 'config.env': configuration })])
    await cluster.client.create(tenants, tenant(name))
    await cluster.kubectl(['label', 'namespace', name, 'kes-injector.io/inject=enabled'])
    const { code, out } = await kes('inject', 'tenant/store', '-n', name, '--yes')
    expect(code).toBe(1)
    expect(out).toContain('adds a reference to the Secret kes-client (type cert-manager.io/v1)')
    expect(out).toContain('sets MINIO_KMS_SECRET_KEY. Beside KES it stops MinIO')
    expect(out).toMatch(/is not Ready|there is no KesIdentity/)
    expect(out).not.toContain(canary)
    expect((await cluster.client.get(tenants, { namespace: name, name: 'store' }))?.metadata).not.toHaveProperty(
      'annotations',
    )
  })
})
