import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/injection/decide.ts'
import type { AdmissionRequest, Context } from '../../../src/injection/context.ts'
import { apply } from '../../../src/injection/patch.ts'
import { literal, operatorMetadata, pod, podEnv, podMount, podVolume } from '../../fixtures/objects.ts'
import { context, granting, podRequest } from '../../fixtures/requests.ts'

interface Pod {
  readonly spec: { readonly containers: readonly Record<string, unknown>[]; readonly volumes: readonly unknown[] }
}

function after(request: AdmissionRequest, around: Context = context): Pod['spec'] {
  const decision = decide(request, around)
  if (decision.outcome !== 'inject') throw new Error(`not injected: ${decision.reason}`)
  return (apply(request.object, decision.operations) as Pod).spec
}
const reason = (object: unknown, around: Context = context): string => decide(podRequest(object), around).reason

describe('creating a MinIO pod', () => {
  it('adds one volume, one mount and five variables before those of the user', () => {
    const { containers, volumes } = after(podRequest(pod()))
    expect(volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }, podVolume()])
    expect(containers[0]).toMatchObject({
      env: [...podEnv(), literal('MINIO_REGION', 'eu-central-1')],
      volumeMounts: [{ name: 'data', mountPath: '/data' }, podMount],
    })
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', []],
  ])('makes the lists where they are %s', (_how, list) => {
    const bare = pod({ env: list, volumeMounts: list }, { volumes: list })
    const { containers, volumes } = after(podRequest(JSON.parse(JSON.stringify(bare))))
    expect(volumes).toEqual([podVolume()])
    expect(containers[0]).toMatchObject({ env: podEnv(), volumeMounts: [podMount] })
  })

  it('lets the group of the volumes alone read the files where the pod has one', () => {
    expect(after(podRequest(pod({}, { securityContext: { fsGroup: 1000 } }))).volumes[1]).toEqual(podVolume(0o440))
  })

  it('touches no other container', () => {
    const others = {
      containers: [{ name: 'a' }, { name: 'minio' }, { name: 'b' }],
      initContainers: [{ name: 'minio' }],
    }
    const spec = after(podRequest(pod({}, others)))
    expect(spec).toMatchObject({ containers: [{ name: 'a' }, { name: 'minio', env: podEnv() }, { name: 'b' }] })
    expect(spec.containers[0]).toEqual({ name: 'a' })
    expect(spec).toMatchObject({ initContainers: [{ name: 'minio' }] })
  })

  it('takes the container that the annotation names', () => {
    const spec = { containers: [{ name: 'minio' }, { name: 'object/store~1' }] }
    const { containers } = after(podRequest(pod({}, spec, { 'kes-injector.io/container': 'object/store~1' })))
    expect(containers[0]).toEqual({ name: 'minio' })
    expect(containers[1]).toMatchObject({ env: podEnv() })
  })

  it('takes the name of the key from the pod', () => {
    const { containers } = after(podRequest(pod({}, {}, { 'kes-injector.io/key-name': 'team-a_photos' })))
    expect(containers[0]?.['env']).toEqual(expect.arrayContaining([...podEnv('team-a_photos')]))
  })

  it('gives the same few operations for thirty thousand variables', () => {
    const many = Array.from({ length: 30_000 }, (_, at) => literal(`V${at}`, 'x'))
    const decision = decide(podRequest(pod({ env: many })), context)
    expect(decision).toMatchObject({ reason: 'Injected' })
    expect(decision.outcome === 'inject' && decision.operations).toHaveLength(7)
  })

  it('tells of environment that it cannot see', () => {
    const object = pod({ envFrom: [{ secretRef: { name: 'x' } }], env: [literal('MINIO_CONFIG_ENV_FILE', '/x')] })
    const { notes } = decide(podRequest(object), context) as { notes?: readonly string[] }
    expect(notes).toEqual([expect.stringContaining('envFrom'), expect.stringContaining('MINIO_CONFIG_ENV_FILE')])
  })

  it('completes a pod that was copied without its volume', () => {
    const { containers, volumes } = after(podRequest(pod({ env: podEnv() })))
    expect(containers[0]?.['env']).toEqual(podEnv())
    expect(volumes).toContainEqual(podVolume())
  })
})

describe('a pod that is left alone', () => {
  const connected = pod({ env: podEnv(), volumeMounts: [podMount] }, { volumes: [podVolume(0o400)] })

  it.each<[string, string, unknown]>([
    ['AlreadyInjected', 'it carries exactly our settings', connected],
    ['OptedOut', 'it opted out', pod({}, {}, { 'kes-injector.io/inject': 'disabled' })],
    ['NotMinio', 'it has no such container', pod({ name: 'web' })],
    [
      'NotMinio',
      'its only MinIO is an init container',
      pod({}, { containers: [], initContainers: [{ name: 'minio' }] }),
    ],
    ['NotMinio', 'the annotation names no container', pod({}, {}, { 'kes-injector.io/container': 'x' })],
    ['OperatorPod', 'the operator made it', pod({}, {}, {}, operatorMetadata)],
    ['MirrorPod', 'the kubelet made it', pod({}, {}, { 'kubernetes.io/config.mirror': 'x' })],
    ['Deleting', 'it is being deleted', pod({}, {}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    ['UnsupportedPlatform', 'it is for Windows', pod({}, { os: { name: 'windows' } })],
    ['UnsupportedPlatform', 'it selects Windows', pod({}, { nodeSelector: { 'kubernetes.io/os': 'windows' } })],
    ['NoClusterDns', 'it is on the network of the host', pod({}, { hostNetwork: true })],
    ['NoClusterDns', 'it asks only the resolver of the node', pod({}, { dnsPolicy: 'Default' })],
    ['Malformed', 'it has no spec', { kind: 'Pod' }],
    ['Malformed', 'its containers are null', pod({}, { containers: null })],
    ['Malformed', 'its containers are an object', pod({}, { containers: { minio: {} } })],
    ['Malformed', 'its env is an object', pod({ env: {} })],
  ])('%s: %s', (expected, _why, object) => {
    expect(reason(object)).toBe(expected)
  })

  it('is connected on the network of the host with the DNS policy for that', () => {
    expect(reason(pod({}, { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }))).toBe('Injected')
  })
})

describe('a pod that only says it is the operator’s', () => {
  const claim = (change: Record<string, unknown>) => pod({}, {}, {}, { ...operatorMetadata, ...change })
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'store-pool-0', uid: '1', controller: true }

  it.each<[string, unknown]>([
    ['the label alone', claim({ ownerReferences: [] })],
    ['another kind of owner', claim({ ownerReferences: [{ ...owner, kind: 'ReplicaSet' }] })],
    ['an owner that is not its controller', claim({ ownerReferences: [{ ...owner, controller: false }] })],
    ['an owner of another Tenant', claim({ ownerReferences: [{ ...owner, name: 'other-pool-0' }] })],
    ['an owner without the label', claim({ labels: {} })],
  ])('is connected like every other one: %s', (_what, object) => {
    expect(reason(object)).toBe('Injected')
  })
})

describe('a KMS of the user in a pod', () => {
  it.each<[string, unknown]>([
    ['a static key', literal('MINIO_KMS_SECRET_KEY', 'x')],
    [
      'a static key from a Secret',
      { name: 'MINIO_KMS_SECRET_KEY', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
    ],
    ['MinKMS', literal('MINIO_KMS_SERVER', 'x')],
    ['an API key', literal('MINIO_KMS_KES_API_KEY', 'x')],
    ['another certificate', literal('MINIO_KMS_KES_CERT_FILE', '/certs/a.crt')],
    ['an endpoint that refers to a variable', literal('MINIO_KMS_KES_ENDPOINT', '$(KES)')],
  ])('is never touched: %s', (_what, entry) => {
    expect(reason(pod({ env: [entry] }))).toBe('UserManagedKms')
  })

  it('counts only in the container that is MinIO', () => {
    const sidecar = { name: 'web', env: [literal('MINIO_KMS_SECRET_KEY', 'x')] }
    expect(reason(pod({}, { containers: [sidecar, { name: 'minio' }] }))).toBe('Injected')
  })

  it('is refused a key of another namespace', () => {
    expect(reason(pod({ env: podEnv('team-b_minio') }))).toBe('KeyNameInvalid')
    expect(reason(pod({ env: podEnv('minio-default-key') }))).toBe('KeyNameInvalid')
    expect(reason(pod({ env: podEnv('minio-default-key') }), granting('team-b', 'minio-default-key'))).toBe(
      'KeyNameInvalid',
    )
    expect(reason(pod({ env: podEnv('minio-default-key') }), granting('team-a', 'minio-*'))).not.toBe('KeyNameInvalid')
  })
})

describe('a pod in which something is in the way', () => {
  it.each<[string, unknown]>([
    ['another source', { name: 'kes-injector', emptyDir: {} }],
    ['another Secret', { ...podVolume(), projected: { sources: [{ secret: { name: 'other' } }] } }],
    [
      'one source more',
      { ...podVolume(), projected: { sources: [{ secret: { name: 'kes-client' } }, { configMap: {} }] } },
    ],
  ])('is refused where the name of our volume is taken: %s', (_what, volume) => {
    expect(reason(pod({}, { volumes: [volume] }))).toBe('NameCollision')
  })

  it.each([
    '/run/kes-injector',
    '/run/kes-injector/',
    '/run/kes-injector/deep',
    '/run',
    '/var/run/',
    '/var/run/kes-injector',
    '//run/./x/..',
    '/',
  ])('is refused where something is mounted at %s', (mountPath) => {
    expect(reason(pod({ volumeMounts: [{ name: 'data', mountPath }] }))).toBe('MountCollision')
  })

  it.each(['/run/kes-injector-2', '/run/secrets', '/var/run/secrets/kubernetes.io/serviceaccount', '/running'])(
    'is connected where something is mounted at %s',
    (mountPath) => {
      expect(reason(pod({ volumeMounts: [{ name: 'data', mountPath }] }))).toBe('Injected')
    },
  )

  it('is refused where a device is there', () => {
    expect(reason(pod({ volumeDevices: [{ name: 'd', devicePath: '/run/kes-injector' }] }))).toBe('MountCollision')
  })

  it('is refused where our volume is mounted there in part', () => {
    expect(reason(pod({ volumeMounts: [{ ...podMount, subPath: 'tls.crt' }] }, { volumes: [podVolume()] }))).toBe(
      'MountCollision',
    )
  })
})
