import { expect, it } from 'vitest'
import { kesIdentities, pods } from '../../src/kube/resources.ts'
import { kesVariables, ourReference } from '../apiserver/objects.ts'
import { kubectlKes } from '../fixtures/kubectlKes.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { startTenant } from './operatorTenant.ts'

describeInCluster('kubectl kes, on a Tenant that ran before its namespace opted in', (cluster) => {
  it('adopts it with one short stop, and explains what stops it later', async () => {
    await using tenant = await startTenant(cluster, { optedIn: false, servers: 2 })
    const { namespace } = tenant
    const kes = (...args: readonly string[]) => kubectlKes(cluster.tier.kubeconfig, [...args, '-n', namespace])
    const uids = async () =>
      (await cluster.client.list(pods, { namespace })).items.map(({ metadata }) => metadata.uid).toSorted()
    const before = await uids()

    expect((await kes('inject', 'tenant/store')).out).toContain('did not opt in')
    expect(await kes('inject', `namespace/${namespace}`, '--yes')).toMatchObject({ code: 0 })
    await untilCondition(cluster, kesIdentities, { namespace, name: 'kes-client' }, { type: 'Ready', status: 'True' })

    const shown = await kes('inject', 'tenant/store')
    expect(shown).toMatchObject({ code: 0 })
    expect(shown.out).toContain('delete its 2 pods together')
    expect(await uids()).toEqual(before)

    const done = await kes('inject', 'tenant/store', '--yes')
    expect(done, done.err).toMatchObject({ code: 0 })
    const { spec } = await tenant.stored()
    expect(spec.externalClientCertSecrets).toEqual([ourReference])
    expect(spec.env).toEqual(kesVariables(namespace, 0))
    // Any pod that came back as it was would answer without KES.
    const encrypts = () =>
      tenant.put('object', 'what was written').then(
        () => true,
        () => undefined,
      )
    await until(encrypts, { what: 'MinIO to encrypt', timeoutMs: 120_000, everyMs: 500 })
    expect(await tenant.get('object')).toBe('what was written')
    const well = await kes('explain', 'tenant/store')
    expect(well, well.out).toMatchObject({ code: 0 })
    expect(await kes('uninject', 'tenant/store', '--yes')).toMatchObject({ code: 1 })

    // What no webhook sees.
    const configuration = 'export MINIO_KMS_SECRET_KEY=my-key:canary\n'
    const secret = await cluster.read<{ data: Record<string, string> }>([
      'get',
      'secret',
      'store-configuration',
      '-n',
      namespace,
    ])
    const former = Buffer.from(secret.data['config.env'] ?? '', 'base64').toString()
    const patch = JSON.stringify({ stringData: { 'config.env': former + configuration } })
    await cluster.kubectl(['patch', 'secret', 'store-configuration', '-n', namespace, '--type=merge', '-p', patch])
    await cluster.kubectl(['delete', 'pod', '-n', namespace, '-l', 'v1.min.io/tenant=store'])
    const stopped = () =>
      kes('explain', 'tenant/store').then((ended) => (ended.out.includes('(StaticKey)') ? ended : undefined))
    const { code, out } = await until(stopped, { what: 'MinIO to have been stopped', timeoutMs: 120_000, everyMs: 500 })
    expect(code).toBe(1)
    expect(out).toContain(
      'Secret store-configuration, config.env: sets MINIO_KMS_SECRET_KEY. Beside KES it stops MinIO',
    )
    expect(out).not.toContain('canary')
  })
})
