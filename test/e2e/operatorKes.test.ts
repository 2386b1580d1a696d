import { X509Certificate } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { secrets } from '../../src/kube/resources.ts'
import { webhookCalls } from '../apiserver/webhookCalls.ts'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { run } from '../rig/command.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilRolledOut } from './cluster.ts'
import { identity, verify } from './openssl.ts'
import { runningPods, startTenant, type RunningTenant } from './operatorTenant.ts'

/**
 * As upstream's examples have it: one administrator, whose identity the operator sets. `fs` only because nothing else is here, in the one
 * place of the pod that can be written and outlives the container: its shared memory.
 */
const serverConfig = `version: v1
address: 0.0.0.0:7373
admin:
  identity: \${MINIO_KES_IDENTITY}
tls:
  key: /tmp/kes/server.key
  cert: /tmp/kes/server.crt
  auth: "off"
keystore:
  fs:
    path: /dev/shm/keys
`

const controller = ['-n', releaseNamespace, 'deployment/kes-injector-controller'] as const
const setting = 'KES_INJECTOR_TENANT'

describeInCluster('a Tenant whose KES the operator (a stand-in) runs', (cluster) => {
  const start = (): Promise<RunningTenant> =>
    startTenant(cluster, {
      keyName: 'my-minio-key',
      spec: { kes: { image: cluster.tier.kesServerImage, replicas: 1, kesSecret: { name: 'kes-configuration' } } },
      besides: (namespace) => [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { namespace, name: 'kes-configuration' },
          stringData: { 'server-config.yaml': serverConfig },
        },
      ],
    })

  const stored = async (namespace: string, name: string) => {
    const data = (await cluster.client.get(secrets, { namespace, name }))?.data ?? {}
    const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString()
    const certificatePem = text('tls.crt')
    return { certificatePem, keyPem: text('tls.key'), authorityPem: text('ca.crt') }
  }
  const notAfter = ({ certificatePem }: { readonly certificatePem: string }): string =>
    new X509Certificate(certificatePem).validTo

  /** The certificate that KES serves now, as a client in the cluster's network sees it. */
  async function served(namespace: string): Promise<string> {
    const host = `store-kes-hl-svc.${namespace}.svc.cluster.local`
    const [program = '', ...args] = cluster.tier.inNetwork
    const script = `openssl s_client -connect ${host}:7373 -servername ${host} < /dev/null 2> /dev/null | openssl x509`
    return (await run(program, [...args, 'sh', '-ec', script], { timeoutMs: 20_000 })).trim()
  }

  it('runs with our certificates; they are renewed with the same keys, no call fails, and nothing is restarted', async () => {
    await using tenant = await start()
    const { namespace } = tenant
    await tenant.put('before', 'what was written')
    expect(await tenant.get('before')).toBe('what was written')
    expect(await tenant.mc('mc stat --json it/bucket/before')).toContain('my-minio-key')

    const { spec } = await tenant.stored()
    expect(spec).toMatchObject({
      kes: { externalCertSecret: { name: 'kes-tenant-server', type: 'kubernetes.io/tls' } },
      externalClientCertSecret: { name: 'kes-tenant-client', type: 'kubernetes.io/tls' },
      externalCaCertSecret: [{ name: 'kes-tenant-client', type: 'cert-manager.io/v1' }],
      env: [{ name: 'MINIO_KMS_KES_CAPATH', value: '/tmp/certs/CAs/ca-0.crt' }],
    })
    const former = {
      client: await stored(namespace, 'kes-tenant-client'),
      server: await stored(namespace, 'kes-tenant-server'),
      pods: await runningPods(cluster, namespace),
    }
    const { authorityPem } = former.client
    const hostName = `store-kes-hl-svc.${namespace}.svc.cluster.local`
    expect(await verify(former.server.certificatePem, { authorityPem, purpose: 'sslserver', hostName })).toBe('OK')
    const podName = `store-kes-0.${hostName}`
    expect(await verify(former.server.certificatePem, { authorityPem, purpose: 'sslserver', hostName: podName })).toBe(
      'OK',
    )
    expect(await verify(former.client.certificatePem, { authorityPem, purpose: 'sslclient' })).toBe('OK')
    expect(await served(namespace)).toBe(former.server.certificatePem.trim())
    const callsBefore = await webhookCalls(cluster)

    // Puts and gets all the while; one that fails ends the test.
    const traffic = { rounds: 0, ended: false }
    const running = (async () => {
      while (!traffic.ended) {
        const object = `during-${traffic.rounds}`
        await tenant.put(object, object)
        expect(await tenant.get(object)).toBe(object)
        traffic.rounds++
        await pause(100)
      }
    })()
    running.catch(() => undefined)
    try {
      const shorter = [`${setting}_CLIENT_LIFETIME=1000h`, `${setting}_SERVER_LIFETIME=1000h`]
      await cluster.kubectl(['set', 'env', ...controller, ...shorter])
      await untilRolledOut(cluster, releaseNamespace, 'deployment/kes-injector-controller')
      const both = async () => {
        const now = {
          client: await stored(namespace, 'kes-tenant-client'),
          server: await stored(namespace, 'kes-tenant-server'),
        }
        const moved = (which: 'client' | 'server') => notAfter(now[which]) !== notAfter(former[which])
        return moved('client') && moved('server') ? now : undefined
      }
      const renewed = await until(both, { what: 'both pairs to be renewed', timeoutMs: 120_000, everyMs: 500 })
      expect(await identity(renewed.client.certificatePem)).toBe(await identity(former.client.certificatePem))
      expect(renewed.client.keyPem).toBe(former.client.keyPem)
      expect(renewed.server.keyPem).toBe(former.server.keyPem)
      expect(renewed.client.authorityPem).toBe(authorityPem)

      // KES looks for a new certificate every 15 minutes; SIGHUP makes it look now. Its file comes with the kubelet's next look.
      const certificate = renewed.server.certificatePem.trim()
      const reloaded = async () => {
        await cluster.kubectl(['exec', '-n', namespace, 'store-kes-0', '--', 'kill', '-HUP', '1'])
        return (await served(namespace)) === certificate || undefined
      }
      await until(reloaded, { what: 'KES to serve the renewed certificate', timeoutMs: 90_000, everyMs: 2_000 })
      const seen = traffic.rounds
      const more = () => Promise.resolve(traffic.rounds > seen + 3 || undefined)
      await Promise.race([until(more, { what: 'more traffic', timeoutMs: 60_000, everyMs: 100 }), running])
    } finally {
      traffic.ended = true
      await running
      await cluster.kubectl([
        'set',
        'env',
        ...controller,
        `${setting}_CLIENT_LIFETIME=2160h`,
        `${setting}_SERVER_LIFETIME=2160h`,
      ])
      await untilRolledOut(cluster, releaseNamespace, 'deployment/kes-injector-controller')
    }
    expect(await runningPods(cluster, namespace)).toEqual(former.pods)
    expect(await webhookCalls(cluster)).toBe(callsBefore)

    // KES starts again in its pod: MinIO, which runs on, must now make a whole handshake with a certificate that it has never seen.
    await cluster.kubectl(['exec', '-n', namespace, 'store-kes-0', '--', 'kill', '-TERM', '1'])
    const again = async () => {
      const [pod] = (await runningPods(cluster, namespace)).filter((each) => each.startsWith('store-kes-0'))
      return pod?.endsWith('kes:1') || undefined
    }
    await until(again, { what: 'KES to be started again', timeoutMs: 60_000, everyMs: 200 })
    const write = () =>
      tenant.put('after', 'what was written').then(
        () => true,
        () => undefined,
      )
    await until(write, { what: 'MinIO to reach KES again', timeoutMs: 90_000, everyMs: 1_000 })
    expect(await tenant.get('before')).toBe('what was written')
    const minios = (all: readonly string[]) => all.filter((each) => each.startsWith('store-pool-0'))
    expect(minios(await runningPods(cluster, namespace))).toEqual(minios(former.pods))
  })

  it('comes back with the same authority and identity when every Secret beside it is lost', async () => {
    await using tenant = await start()
    const { namespace } = tenant
    const before = await stored(namespace, 'kes-tenant-client')
    await cluster.client.delete(secrets, { namespace, name: 'kes-tenant-client' })
    await cluster.client.delete(secrets, { namespace, name: 'kes-tenant-server' })
    const back = async () => (await cluster.client.get(secrets, { namespace, name: 'kes-tenant-server' })) ?? undefined
    await until(back, { what: 'the pair of KES', timeoutMs: 60_000 })
    const handedOut = async () => ((await stored(namespace, 'kes-tenant-client')).keyPem === '' ? undefined : true)
    await until(handedOut, { what: 'the client pair', timeoutMs: 60_000 })
    expect(await stored(namespace, 'kes-tenant-client')).toEqual(before)
    const { certificatePem } = await stored(namespace, 'kes-tenant-server')
    expect(await verify(certificatePem, { authorityPem: before.authorityPem, purpose: 'sslserver' })).toBe('OK')
  })

  it('gets no second authority when the first is lost: it says so, and goes on once it is restored', async () => {
    await using tenant = await start()
    const { namespace } = tenant
    const ref = { namespace: releaseNamespace, name: `tenant.${namespace}.authority-1` }
    const lost = await cluster.client.get(secrets, ref)
    if (!lost) throw new Error('there is no authority')
    const confirmed = { 'kes-injector.io/confirm-delete': ref.name }
    await cluster.client.mergePatch(secrets, ref, { metadata: { annotations: confirmed } })
    await cluster.client.delete(secrets, ref)
    const told = async () => {
      const said = await cluster.kubectl(['get', 'events', '-n', namespace, '-o', 'json'])
      return said.includes('AuthorityLost') || undefined
    }
    await until(told, { what: 'the Event', timeoutMs: 120_000, everyMs: 500 })
    expect(await cluster.client.get(secrets, ref)).toBeUndefined()
    await tenant.put('still', 'encrypts')
    const { name, labels } = lost.metadata
    await cluster.client.create(secrets, { ...lost, metadata: { namespace: releaseNamespace, name, labels } })
    const record = ['get', 'configmap', '-n', releaseNamespace, `tenant.${namespace}.record`, '-o', 'json']
    const mended = async () => (JSON.stringify(await cluster.kubectl(record)).includes('problem') ? undefined : true)
    await until(mended, { what: 'the problem to be forgotten', timeoutMs: 120_000, everyMs: 500 })
  })
})
