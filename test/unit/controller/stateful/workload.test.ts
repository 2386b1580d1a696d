import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hashAnnotation } from '../../../../src/controller/keyServer/applied.ts'
import { serviceOf } from '../../../../src/controller/keyServer/service.ts'
import { paths, statefulSetOf, type WorkloadSettings } from '../../../../src/controller/stateful/workload.ts'
import type { KubeObject } from '../../../../src/kube/object.ts'
import type { Service, StatefulSet } from '../../../../src/kube/resources.ts'
import { keyServer } from '../keyServers.ts'

const settings: WorkloadSettings = {
  releaseNamespace: 'kes-system',
  statefulImage: 'registry/kes-stateful@sha256:1',
  statefulImagePullPolicy: 'Always',
  keyServerAccount: 'kes-injector-key-server',
}
const setOf = (spec: object = {}, name = 'default') =>
  statefulSetOf(keyServer(spec, undefined, { name }), settings) as StatefulSet
const service = serviceOf(keyServer(), settings.releaseNamespace) as Service
const { spec } = setOf()
const pod = spec?.template.spec
const containers = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]
const container = (name: string) => containers.find((each) => each.name === name)
const hash = ({ metadata }: KubeObject) => metadata.annotations?.[hashAnnotation]

describe('the StatefulSet of a key server', () => {
  it('has exactly one replica: two on one volume would serve stale policies', () => {
    expect(spec?.replicas).toBe(1)
  })

  it('never takes its volume along, and nobody owns either', () => {
    expect(spec?.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' })
    expect(setOf().metadata.ownerReferences).toBeUndefined()
    expect(spec?.volumeClaimTemplates?.[0]?.metadata?.ownerReferences).toBeUndefined()
  })

  it('stops the old pod before it starts another', () => {
    // The default of a StatefulSet; a surge would be a second process on the volume.
    expect(spec?.updateStrategy).toBeUndefined()
    expect(spec?.podManagementPolicy).toBeUndefined()
  })

  it('runs as restricted pod security asks for', () => {
    expect(pod?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(containers.map(({ name }) => name)).toEqual(['init', 'kes'])
    for (const { securityContext } of containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  })

  it('has no rights: an account without any, and no token', () => {
    expect(pod?.serviceAccountName).toBe('kes-injector-key-server')
    expect(pod?.automountServiceAccountToken).toBe(false)
  })

  it('holds no secret value: the unseal key is named, not written', () => {
    const env = containers.flatMap((each) => each.env ?? [])
    expect(env).toHaveLength(2)
    for (const each of env)
      expect(each).toEqual({
        name: 'KES_UNSEAL_KEY',
        valueFrom: { secretKeyRef: { name: 'kes-default-unseal', key: 'key' } },
      })
  })

  it('mounts its certificate and nobody else’s key', () => {
    const secrets = pod?.volumes?.flatMap(({ secret }) => secret?.secretName ?? [])
    expect(secrets).toEqual(['kes-default-server', 'kes-default-init'])
    expect(pod?.volumes?.find(({ name }) => name === 'init')?.secret?.optional).toBe(true)
    expect(pod?.volumes?.find(({ name }) => name === 'tls')?.secret?.optional).toBeUndefined()
  })

  it('mounts every path that its arguments name', () => {
    for (const { args = [], volumeMounts = [] } of containers)
      for (const path of args.filter((arg) => arg.startsWith('/')))
        expect(volumeMounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`))).toBe(true)
  })

  it('uses the image of the release, or the one that the KeyServer names', () => {
    expect(container('kes')?.image).toBe('registry/kes-stateful@sha256:1')
    for (const { imagePullPolicy } of containers) expect(imagePullPolicy).toBe('Always')
    const own = setOf({ stateful: { image: 'mine:1' } }).spec?.template.spec
    expect(own?.containers[0]?.image).toBe('mine:1')
    expect(own?.initContainers?.[0]?.image).toBe('mine:1')
  })

  it('asks for the storage that is wanted, and for the default class where none is named', () => {
    const claim = (storage: object) => setOf({ stateful: { storage } }).spec?.volumeClaimTemplates?.[0]?.spec
    expect(claim({ size: '5Gi', storageClassName: 'kept' })).toMatchObject({
      resources: { requests: { storage: '5Gi' } },
      storageClassName: 'kept',
      accessModes: ['ReadWriteOnce'],
    })
    expect(claim({ size: '1Gi', storageClassName: '' })).not.toHaveProperty('storageClassName')
    expect(claim({ size: '1Gi' })).not.toHaveProperty('storageClassName')
  })

  it('carries the labels by which its pod is found, in the set, the pod and the Service', () => {
    const found = {
      'app.kubernetes.io/name': 'kes-injector',
      'app.kubernetes.io/component': 'key-server',
      'kes-injector.io/key-server': 'default',
    }
    expect(spec?.selector.matchLabels).toEqual(found)
    expect(spec?.template.metadata?.labels).toMatchObject(found)
    expect(service.spec?.selector).toEqual(found)
    expect(setOf().metadata).toMatchObject({
      name: 'kes-default',
      namespace: 'kes-system',
      labels: { ...found, 'app.kubernetes.io/managed-by': 'kes-injector' },
    })
  })
})

describe('the launcher', () => {
  const readme = readFileSync('images/kes-stateful/README.md', 'utf8')
  const flagsOf = (subcommand: string): readonly string[] => {
    const [, line = ''] = new RegExp(`\\n    launcher ${subcommand} (.*)\\n`).exec(readme) ?? []
    return line.match(/--[a-z-]+(?= )/g) ?? []
  }

  it.each([
    ['init', 'init'],
    ['kes', 'serve'],
  ])('%s is called as images/kes-stateful/README.md says (%s)', (name, subcommand) => {
    const [first, ...rest] = container(name)?.args ?? []
    expect(first).toBe(subcommand)
    const flags = rest.filter((arg) => arg.startsWith('--'))
    expect(flagsOf(subcommand).length).toBeGreaterThan(1)
    expect(flagsOf(subcommand)).toEqual(expect.arrayContaining(flags))
    expect(flags).toContain('--data')
  })

  it('is never told to force anything', () => {
    expect(JSON.stringify(setOf())).not.toContain('force')
  })

  it('finds the restart counter where the pod’s annotation is put', () => {
    const items = pod?.volumes?.find(({ name }) => name === 'pod')?.downwardAPI?.items
    expect(items).toEqual([
      { path: 'restart', fieldRef: { fieldPath: "metadata.annotations['kes-injector.io/restart']" } },
    ])
    expect(container('kes')?.args).toContain(`${paths.podInfo}/restart`)
  })

  it('has words for why it stops, and the kubelet keeps them', () => {
    for (const { terminationMessagePolicy } of containers)
      expect(terminationMessagePolicy).toBe('FallbackToLogsOnError')
  })
})

describe('the Service of a key server', () => {
  it('has one address that stays, and the port that MinIO dials', () => {
    expect(service.spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 7373, targetPort: 'kes' }] })
    expect(service.spec?.clusterIP).toBeUndefined()
  })
})

describe('the hash by which a change is seen', () => {
  it('is the same for the same wish', () => {
    expect(hash(setOf())).toBe(hash(setOf()))
    expect(hash(setOf())).toMatch(/^[0-9a-f]{32}$/)
  })

  it.each<[string, object]>([
    ['image', { stateful: { image: 'mine:1' } }],
    ['size', { stateful: { storage: { size: '2Gi' } } }],
    ['resources', { stateful: { resources: { limits: { memory: '1Gi' } } } }],
  ])('is another one for another %s', (_what, wish) => {
    expect(hash(setOf(wish))).not.toBe(hash(setOf()))
  })

  it.each<[string, object]>([
    ['keys', { keys: ['a_1'] }],
    ['selector', { namespaces: { selector: { matchLabels: { a: 'b' } } } }],
    ['lifetimes', { certificates: { client: '24h' } }],
  ])('does not change with the %s: KES is not restarted for it', (_what, wish) => {
    expect(hash(setOf(wish))).toBe(hash(setOf()))
  })

  it('does not depend on what others write on the KeyServer', () => {
    const touched = keyServer({}, { keys: ['a'] }, { resourceVersion: '9', annotations: { a: 'b' }, generation: 7 })
    expect(hash(statefulSetOf(touched, settings))).toBe(hash(setOf()))
  })
})

describe('the StatefulSet of a server that is taken over', () => {
  const existing = {
    claimName: 'kes-data',
    dataPath: 'root/kes',
    unsealSecretRef: { name: 'by-hand' },
    adminSecretRef: { name: 'by-hand-admin' },
  }
  const taken = setOf({ stateful: { existing } }).spec
  const [prepares] = taken?.template.spec?.initContainers ?? []
  const [serves] = taken?.template.spec?.containers ?? []

  it('uses the volume that holds the data, and claims none', () => {
    expect(taken?.volumeClaimTemplates).toBeUndefined()
    expect(taken?.template.spec?.volumes?.find(({ name }) => name === 'data')).toEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'kes-data' },
    })
    expect(serves?.args).toContain('/data/root/kes')
  })

  it('gives the data its new home, and never initialises', () => {
    expect(prepares?.args).toEqual([
      'adopt',
      '--data',
      '/data/root/kes',
      '--address',
      '0.0.0.0:7373',
      '--key',
      '/etc/kes/tls/tls.key',
      '--cert',
      '/etc/kes/tls/tls.crt',
    ])
    expect(JSON.stringify(taken)).not.toContain('init.yml')
    expect(taken?.template.spec?.volumes?.map(({ name }) => name)).toEqual(['data', 'tls', 'pod'])
  })

  it('owns what root has written, whoever the root of the volume belongs to', () => {
    expect(taken?.template.spec?.securityContext?.fsGroupChangePolicy).toBe('Always')
    expect(setOf().spec?.template.spec?.securityContext?.fsGroupChangePolicy).toBe('OnRootMismatch')
  })
})
