import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { kesIdentities, namespaces, statefulSets } from '../../src/kube/resources.ts'
import { optIn, refusal, releaseNamespace } from '../fixtures/clusterAccess.ts'
import {
  collectorRefused,
  commandsOf,
  giveIdentity,
  holdBack,
  initialise,
  keepController,
  keyMaterial,
  runCommands,
  seen,
} from './deletionWorld.ts'
import { tenant, tenants } from './objects.ts'
import { startOwnApiServer, type OwnApiServer } from './ownApiServer.ts'

let server: OwnApiServer
let controller: Awaited<ReturnType<typeof keepController>>
let before: readonly string[]

const inRelease = ['-n', releaseNamespace]
const volume = 'data-kes-default-0'
const material = ['authority-1', 'unseal', 'system-admin', 'enclave-admin', 'server'].map(
  (each) => `kes-default-${each}`,
)

const kubectl = (...args: readonly string[]): Promise<string> => server.kubectl(args)
const refused = (...args: readonly string[]): Promise<string> => refusal(server.kubectl(args))

const isThere = (...args: readonly string[]): Promise<string | undefined> =>
  server.kubectl(['get', ...args, '-o', 'name']).catch(() => undefined)

// The real controller makes what is to be guarded, the real controller-manager the claim; KES alone does not run in this tier.
beforeAll(async () => {
  server = await startOwnApiServer('injection.mode=Policy')
  controller = await keepController(server, '--injection-mode=Policy')
  await server.create([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: optIn } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: releaseNamespace, name: volume },
        hostPath: { path: '/nowhere' },
      },
    },
  ])
  for (const name of material) await seen(`Secret ${name}`, () => isThere('secret', name, ...inRelease))
  await giveIdentity(server, 'shop')
  await initialise(server, 'default')
  await seen('the bound volume', async () =>
    (await kubectl('get', 'pv', 'disk', '-o', 'jsonpath={.status.phase}')) === 'Bound' ? true : undefined,
  )
})
afterAll(async () => {
  await controller.stop()
  await server[Symbol.asyncDispose]()
})
beforeEach(async () => {
  before = await keyMaterial(server)
})

const nothingIsLost = async (): Promise<void> => expect(await keyMaterial(server)).toEqual(before)
describe('no key is lost by surprise', () => {
  it('the guarded material is all there to begin with', () => {
    for (const name of [...material, 'identity.shop.kes-client', volume, '/disk', '/default', 'shop/kes-client']) {
      expect(before.join('\n')).toContain(`${name} `)
    }
  })

  it('when the release namespace is deleted', async () => {
    const said = await refused('delete', 'namespace', releaseNamespace)
    expect(said).toContain(
      'DeletionUnconfirmed: the namespace kes-injector holds the key servers, their volumes and the secrets',
    )
    expect(said).toContain('kubectl annotate namespace kes-injector kes-injector.io/confirm-delete=kes-injector')
    expect(
      (await server.client.get(namespaces, { name: releaseNamespace }))?.metadata.deletionTimestamp,
    ).toBeUndefined()
    await nothingIsLost()
  })

  it('when a namespace of workloads is deleted: it goes, its key pair stays and its identity goes with it', async () => {
    await server.create([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone', labels: optIn } }])
    await giveIdentity(server, 'gone')
    await kubectl('create', 'secret', 'generic', 'kes-client', '-n', 'gone', '--from-literal=tls.crt=a')
    await kubectl('delete', 'namespace', 'gone', '--timeout=60s')
    expect(await server.client.get(kesIdentities, { namespace: 'gone', name: 'kes-client' })).toBeUndefined()
    expect(await isThere('secret', 'identity.gone.kes-client', ...inRelease)).toBeDefined()
    expect(await keyMaterial(server)).toEqual(expect.arrayContaining([...before]))
  })

  it('when a Tenant is deleted', async () => {
    await server.client.create(tenants, tenant('shop'))
    await kubectl('delete', 'tenant', 'store', '-n', 'shop')
    expect(await server.client.get(tenants, { namespace: 'shop', name: 'store' })).toBeUndefined()
    await nothingIsLost()
  })

  it('when its KeyServer is deleted, alone or with all, in the foreground or by force', async () => {
    for (const args of [
      ['default'],
      ['--all'],
      ['default', '--cascade=foreground'],
      ['default', '--force', '--grace-period=0'],
    ]) {
      expect(await refused('delete', 'keyserver', ...args)).toContain(
        'DeletionUnconfirmed: the keyserver default holds keys',
      )
    }
    await nothingIsLost()
  })

  it('when its identity is deleted', async () => {
    expect(await refused('delete', 'kesidentity', 'kes-client', '-n', 'shop')).toContain(
      'kubectl annotate kesidentity kes-client -n shop kes-injector.io/confirm-delete=kes-client',
    )
    await nothingIsLost()
  })

  it('when its Secrets are deleted, one by one or all, or replaced by force', async () => {
    for (const name of [...material, 'identity.shop.kes-client']) {
      expect(await refused('delete', 'secret', name, ...inRelease)).toContain(`DeletionUnconfirmed: the secret ${name}`)
    }
    const labelled = ['-l', 'kes-injector.io/key-server=default']
    expect(await refused('delete', 'secrets', ...labelled, ...inRelease)).toContain('DeletionUnconfirmed')
    for (const collection of ['api/v1/namespaces/kes-injector/secrets', 'apis/kes-injector.io/v1alpha1/keyservers']) {
      expect(
        await refused('delete', '--raw', `/${collection}?labelSelector=app.kubernetes.io/name=kes-injector`),
      ).toContain('DeletionUnconfirmed')
    }
    const manifest = await kubectl('get', 'secret', 'kes-default-server', ...inRelease, '-o', 'json')
    expect(await refusal(server.kubectl(['replace', '--force', '-f', '-'], { stdin: manifest }))).toContain(
      'DeletionUnconfirmed',
    )
    await nothingIsLost()
  })

  it('when a Secret that may be changed is emptied', async () => {
    for (const [name, data] of [
      ['kes-default-server', { 'tls.key': '' }],
      ['identity.shop.kes-client', { 'tls.key': '' }],
      ['identity.shop.kes-client', { 'tls.key': null }],
      ['identity.shop.kes-client', null],
    ] as const) {
      const patch = ['patch', 'secret', name, ...inRelease, '--type=merge', '-p', JSON.stringify({ data })]
      expect(await refused(...patch)).toContain(`this change takes away what the secret ${name} holds`)
    }
    expect(
      await refused('patch', 'secret', 'kes-default-unseal', ...inRelease, '--type=merge', '-p', '{"data":null}'),
    ).toContain('immutable')
    await nothingIsLost()
  })

  it('when its volume claim or its volume is deleted', async () => {
    expect(await refused('delete', 'pvc', volume, ...inRelease)).toContain(`DeletionUnconfirmed: the pvc ${volume}`)
    expect(await refused('delete', 'pvc', '--all', ...inRelease)).toContain(`DeletionUnconfirmed: the pvc ${volume}`)
    expect(await refused('delete', 'pv', 'disk')).toContain(
      'DeletionUnconfirmed: the pv disk is the volume of a key server',
    )
    await nothingIsLost()
  })

  it('when a GitOps tool prunes what is not in its manifests any more', async () => {
    const labels = { app: 'pruned' }
    const namespace = releaseNamespace
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'kes-pruned-unseal', namespace, labels },
      stringData: { key: 'a' },
    }
    const keyServer = {
      apiVersion: 'kes-injector.io/v1alpha1',
      kind: 'KeyServer',
      metadata: { name: 'pruned', labels },
      spec: { stateful: {} },
    }
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace, labels } }
    await server.apply([keyServer, secret, other])
    await initialise(server, 'pruned')
    before = await keyMaterial(server)
    const prune = (allowed: string) =>
      server.apply([other], '--prune', '-l', 'app=pruned', `--prune-allowlist=${allowed}`)
    expect(await refusal(prune('kes-injector.io/v1alpha1/KeyServer'))).toContain(
      'DeletionUnconfirmed: the keyserver pruned',
    )
    expect(await refusal(prune('core/v1/Secret'))).toContain('DeletionUnconfirmed: the secret kes-pruned-unseal')
    const kept = await keyMaterial(server)
    expect(kept).toEqual(
      expect.arrayContaining(before.filter((line) => /default|shop|disk|pruned-unseal|\/pruned/.test(line))),
    )
  })

  it('when somebody gives it an owner and deletes that one: the garbage collector is refused as everybody is', async () => {
    await kubectl('create', 'configmap', 'owner', ...inRelease)
    const uid = await kubectl('get', 'configmap', 'owner', ...inRelease, '-o', 'jsonpath={.metadata.uid}')
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
    const patch = JSON.stringify({ metadata: { ownerReferences } })
    const owned = ['secret/kes-default-unseal', `pvc/${volume}`]
    for (const each of owned) await kubectl('patch', each, ...inRelease, '--type=merge', '-p', patch)
    await kubectl('delete', 'configmap', 'owner', ...inRelease)
    for (const resource of ['secrets', 'persistentvolumeclaims']) {
      await seen(`the garbage collector to be refused at ${resource}`, () =>
        Promise.resolve(collectorRefused(server, resource)),
      )
    }
    for (const each of owned)
      await kubectl('patch', each, ...inRelease, '--type=merge', '-p', '{"metadata":{"ownerReferences":null}}')
    await nothingIsLost()
  })

  it('when the key server is scaled to 0', async () => {
    await kubectl('scale', 'statefulset', 'kes-default', ...inRelease, '--replicas=0')
    await seen('the pod to be gone', async () =>
      (await isThere('pod', 'kes-default-0', ...inRelease)) ? undefined : true,
    )
    await nothingIsLost()
    await kubectl('scale', 'statefulset', 'kes-default', ...inRelease, '--replicas=1')
    await seen('the pod to be back', () => isThere('pod', 'kes-default-0', ...inRelease))
    await nothingIsLost()
  })

  it('when the label is taken from the namespace, or ours from the material', async () => {
    await kubectl('label', 'namespace', 'shop', 'kes-injector.io/inject-')
    await nothingIsLost()
    await kubectl('label', 'namespace', 'shop', 'kes-injector.io/inject=enabled')
    for (const label of ['kes-injector.io/key-server', 'app.kubernetes.io/managed-by']) {
      for (const name of material) {
        expect(await refused('label', 'secret', name, ...inRelease, `${label}-`)).toContain('takes away labels')
      }
    }
    expect(await refused('label', 'pvc', volume, ...inRelease, 'kes-injector.io/key-server-')).toContain(
      'takes away labels',
    )
    await nothingIsLost()
  })

  it('when finalizers are put on it or taken from it first', async () => {
    await kubectl('patch', 'pvc', volume, ...inRelease, '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
    const held = '{"metadata":{"finalizers":["example.net/held"]}}'
    await kubectl('patch', 'secret', 'kes-default-unseal', ...inRelease, '--type=merge', '-p', held)
    for (const each of [`pvc/${volume}`, 'secret/kes-default-unseal']) {
      expect(await refused('delete', each, ...inRelease, '--force', '--grace-period=0')).toContain(
        'DeletionUnconfirmed',
      )
    }
    const none = '{"metadata":{"finalizers":null}}'
    await kubectl('patch', 'secret', 'kes-default-unseal', ...inRelease, '--type=merge', '-p', none)
    await nothingIsLost()
  })

  it('when a CRD is deleted', async () => {
    for (const crd of ['keyservers.kes-injector.io', 'kesidentities.kes-injector.io']) {
      expect(await refused('delete', 'crd', crd)).toContain(
        `DeletionUnconfirmed: the crd ${crd} takes every object of its kind`,
      )
    }
    await nothingIsLost()
  })

  it('when the StatefulSet is deleted, even where its claim was to go with it; and it is made again', async () => {
    const retention = '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Delete","whenScaled":"Delete"}}}'
    await kubectl('patch', 'statefulset', 'kes-default', ...inRelease, '--type=merge', '-p', retention)
    await seen(
      'the StatefulSet to own the claim',
      async () =>
        (await kubectl('get', 'pvc', volume, ...inRelease, '-o', 'jsonpath={.metadata.ownerReferences[*].kind}')) ||
        undefined,
    )
    const { uid } =
      (await server.client.get(statefulSets, { namespace: releaseNamespace, name: 'kes-default' }))?.metadata ?? {}
    await kubectl('delete', 'statefulset', 'kes-default', ...inRelease)
    await seen('another StatefulSet', async () => {
      const now = await server.client.get(statefulSets, { namespace: releaseNamespace, name: 'kes-default' })
      return now && now.metadata.uid !== uid ? true : undefined
    })
    await seen('the pod to be back', () => isThere('pod', 'kes-default-0', ...inRelease))
    await nothingIsLost()
  })
})

describe('on purpose', () => {
  it('a KeyServer that was never initialised goes without a word', async () => {
    await server.create([
      {
        apiVersion: 'kes-injector.io/v1alpha1',
        kind: 'KeyServer',
        metadata: { name: 'fresh' },
        spec: { stateful: {} },
      },
    ])
    await kubectl('delete', 'keyserver', 'fresh')
  })
  it('a confirmation with another name confirms nothing, and one can be taken back', async () => {
    await kubectl(
      'annotate',
      'secret',
      'kes-default-unseal',
      ...inRelease,
      'kes-injector.io/confirm-delete=kes-default',
    )
    expect(await refused('delete', 'secret', 'kes-default-unseal', ...inRelease)).toContain('DeletionUnconfirmed')
    await kubectl('annotate', 'secret', 'kes-default-unseal', ...inRelease, 'kes-injector.io/confirm-delete-')
    await nothingIsLost()
  })

  it('the commands of the page delete one KeyServer with all that is its own, and nothing else', async () => {
    await runCommands(server, commandsOf('delete-keys.md', 'one KeyServer').replace('NAME=default', 'NAME=pruned'))
    const left = await keyMaterial(server)
    expect(left.filter((line) => line.includes('pruned'))).toEqual([])
    expect(left).toEqual(before.filter((line) => !line.includes('pruned')))
  })

  it('helm uninstall leaves all keys and their guard, and an installation takes them over again', async () => {
    await controller.stop()
    await runCommands(server, commandsOf('delete-keys.md', 'keep the keys'))
    await nothingIsLost()
    expect(await refused('delete', 'secret', 'kes-default-unseal', ...inRelease)).toContain('DeletionUnconfirmed')
    expect(await refused('delete', 'keyserver', 'default')).toContain('DeletionUnconfirmed')
    expect(await isThere('statefulset', 'kes-default', ...inRelease)).toBeDefined()
    await server.helm(['install', 'kes-injector', server.chart, ...inRelease, '--set', 'injection.mode=Policy'])
    await nothingIsLost()
  })

  it('the commands of the page uninstall everything and leave nothing behind', async () => {
    await holdBack(server, 'shop', 'backup')
    await runCommands(server, commandsOf('delete-keys.md', 'destroy everything'))
    expect(await isThere('namespace', releaseNamespace)).toBeUndefined()
    for (const kind of [
      'crd',
      'validatingadmissionpolicy',
      'validatingadmissionpolicybinding',
      'mutatingadmissionpolicy',
      'clusterrole',
    ]) {
      expect(
        (await kubectl('get', kind, '-o', 'name')).split('\n').filter((name) => /kes-injector/.test(name)),
      ).toEqual([])
    }
    expect(await kubectl('get', 'pv', 'disk', '-o', 'jsonpath={.status.phase}')).toBe('Released')
    await kubectl('delete', 'pv', 'disk')
    await kubectl('delete', 'namespace', 'shop', '--timeout=60s')
  })
})
