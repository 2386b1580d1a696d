import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/injection/context.ts'
import { decide } from '../../../src/injection/decide.ts'
import { apply } from '../../../src/injection/patch.ts'
import { literal, operatorMetadata, pod, podEnv, podMount, podVolume, tenant } from '../../fixtures/objects.ts'
import { context, podRequest, sidecarContext, tenantRequest, tenantUpdate } from '../../fixtures/requests.ts'

interface Container {
  readonly name: string
  readonly [field: string]: unknown
}
interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly { readonly name: string; readonly projected?: { readonly defaultMode: number } }[]
}
interface Pod {
  readonly spec: PodSpec
}

function after(object: unknown, around: Context = sidecarContext): PodSpec {
  const decision = decide(podRequest(object), around)
  if (decision.outcome !== 'inject') throw new Error(`not injected: ${decision.reason}`)
  return (apply(object, decision.operations) as Pod).spec
}
const reason = (object: unknown, around: Context = sidecarContext): string => decide(podRequest(object), around).reason
const sidecarOf = ({ initContainers = [] }: PodSpec): Container | undefined =>
  initContainers.find(({ name }) => name === 'kes')

const withServer = (change: object): Context => {
  const { keyServer } = sidecarContext
  if (keyServer === 'unknown' || !keyServer.spec.server) throw new Error('no server')
  const server = { ...keyServer.spec.server, ...change }
  return { ...sidecarContext, keyServer: { ...keyServer, spec: { ...keyServer.spec, server } } }
}

const loopback = 'https://127.0.0.1:7373'
const envInPod = podEnv().map((each) =>
  each['name'] === 'MINIO_KMS_KES_ENDPOINT' ? literal('MINIO_KMS_KES_ENDPOINT', loopback) : each,
)

describe('creating a MinIO pod whose key server runs inside MinIO pods', () => {
  it('points MinIO at its own pod and adds KES as a native sidecar with a volume of its own', () => {
    const spec = after(pod())
    expect(spec.containers).toHaveLength(1)
    expect(spec.containers[0]?.['env']).toEqual([...envInPod, literal('MINIO_REGION', 'eu-central-1')])
    expect(spec.volumes?.map(({ name }) => name)).toEqual(['data', 'kes-injector', 'kes-sidecar'])
    expect(spec.volumes?.[2]).toEqual({
      name: 'kes-sidecar',
      projected: { defaultMode: 0o444, sources: [{ secret: { name: 'kes-sidecar' } }] },
    })
    expect(spec.initContainers).toHaveLength(1)
    expect(sidecarOf(spec)).toMatchObject({
      image: 'kes-server:1',
      imagePullPolicy: 'IfNotPresent',
      restartPolicy: 'Always',
      args: ['server', '--config', '/run/kes/server-config.yaml'],
      volumeMounts: [{ name: 'kes-sidecar', mountPath: '/run/kes', readOnly: true }],
    })
  })

  it('holds MinIO back until KES answers, for a minute at most, and probes it never again', () => {
    const sidecar = sidecarOf(after(pod())) ?? { name: '' }
    expect(sidecar['startupProbe']).toEqual({
      exec: { command: ['/kes', 'status', '--insecure', '--short'] },
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 60,
    })
    expect(sidecar).not.toHaveProperty('livenessProbe')
    expect(sidecar).not.toHaveProperty('readinessProbe')
  })

  it('tells the author that KES is in the pod', () => {
    expect(decide(podRequest(pod()), sidecarContext)).toMatchObject({
      reason: 'Injected',
      summary: { keyServer: 'default', keyName: 'team-a_minio' },
      notes: ['KES runs inside the pod, in the container kes'],
    })
  })

  it('takes image and resources of the KeyServer where it names them', () => {
    const resources = { limits: { memory: '1Gi' } }
    expect(sidecarOf(after(pod(), withServer({ image: 'own-kes:2', resources })))).toMatchObject({
      image: 'own-kes:2',
      resources,
    })
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown> | undefined]>([
    ['without a user', {}, { runAsUser: 65_532, runAsGroup: 65_532 }],
    ['that runs as root', { runAsUser: 0 }, { runAsUser: 65_532, runAsGroup: 65_532 }],
    ['with a user of its own', { runAsUser: 1000 }, undefined],
  ])('lets KES run as no root in a pod %s', (_what, securityContext, own) => {
    const context = sidecarOf(after(pod({}, { securityContext })))?.['securityContext']
    expect(context).toEqual({
      runAsNonRoot: true,
      ...own,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
  })

  it('lets the group of the volumes alone read the credentials where the pod has one', () => {
    expect(after(pod({}, { securityContext: { fsGroup: 1000 } })).volumes?.[2]?.projected?.defaultMode).toBe(0o440)
  })

  it('puts KES after the init containers that are there', () => {
    const { initContainers } = after(pod({}, { initContainers: [{ name: 'chown' }, { name: 'mesh' }] }))
    expect(initContainers?.map(({ name }) => name)).toEqual(['chown', 'mesh', 'kes'])
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', []],
  ])('makes the lists where they are %s', (_how, list) => {
    const bare = pod({ env: list, volumeMounts: list }, { volumes: list, initContainers: list })
    const spec = after(JSON.parse(JSON.stringify(bare)))
    expect(spec.volumes?.map(({ name }) => name)).toEqual(['kes-injector', 'kes-sidecar'])
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['kes'])
  })

  it('is stable: what it made is already injected', () => {
    expect(reason({ kind: 'Pod', spec: after(pod()) })).toBe('AlreadyInjected')
  })

  it('adds KES alone where somebody dropped it', () => {
    const { initContainers: _, ...spec } = after(pod())
    const decision = decide(podRequest({ kind: 'Pod', spec }), sidecarContext)
    expect(decision.outcome === 'inject' && decision.operations.map(({ path }) => path)).toEqual([
      '/spec/initContainers',
    ])
  })

  it('needs no DNS of the cluster', () => {
    expect(reason(pod({}, { dnsPolicy: 'Default' }))).toBe('Injected')
  })

  it.each<[string, string, unknown]>([
    [
      'PortCollision',
      'it is on the network of its node',
      pod({}, { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
    ],
    ['PortCollision', 'MinIO itself listens there', pod({ ports: [{ containerPort: 7373 }] })],
    [
      'PortCollision',
      'a neighbour listens there',
      pod({}, { containers: [{ name: 'minio' }, { name: 'a', ports: [{ containerPort: 7373 }] }] }),
    ],
    ['NameCollision', 'a container is called kes', pod({}, { containers: [{ name: 'minio' }, { name: 'kes' }] })],
    ['NameCollision', 'an init container is called kes', pod({}, { initContainers: [{ name: 'kes', image: 'own' }] })],
    ['NameCollision', 'a volume has the name of ours', pod({}, { volumes: [{ name: 'kes-sidecar', emptyDir: {} }] })],
    ['Malformed', 'its init containers are an object', pod({}, { initContainers: {} })],
    ['OptedOut', 'it opted out', pod({}, {}, { 'kes-injector.io/inject': 'disabled' })],
    ['UserManagedKms', 'it has a KMS of its own', pod({ env: [literal('MINIO_KMS_SECRET_KEY', 'x')] })],
  ])('%s: %s', (expected, _why, object) => {
    expect(reason(object)).toBe(expected)
  })

  it('leaves a MinIO alone that dials another key server of ours', () => {
    const dialsService = pod({ env: podEnv(), volumeMounts: [podMount] }, { volumes: [podVolume()] })
    expect(reason(dialsService)).toBe('AlreadyInjected')
  })
})

describe('an endpoint inside the pod', () => {
  it('is the user’s own where the key server runs elsewhere', () => {
    expect(reason(pod({ env: [literal('MINIO_KMS_KES_ENDPOINT', loopback)] }), context)).toBe('UserManagedKms')
  })

  it('is the user’s own where the certificate is', () => {
    const own = [literal('MINIO_KMS_KES_ENDPOINT', loopback), literal('MINIO_KMS_KES_CERT_FILE', '/own.crt')]
    expect(reason(pod({ env: own }))).toBe('UserManagedKms')
  })
})

describe('a pod of the operator whose key server runs inside MinIO pods', () => {
  const certificates = {
    name: 'store-tls',
    projected: { sources: [{ secret: { name: 'store-tls' } }, { secret: { name: 'kes-client' } }] },
  }
  const connected = (annotations = {}, spec = {}) =>
    pod({ env: [] }, { volumes: [certificates], ...spec }, annotations, operatorMetadata)

  it('gets KES and its volume, and nothing else', () => {
    const decision = decide(podRequest(connected()), sidecarContext)
    expect(decision).toMatchObject({
      reason: 'Injected',
      summary: { keyServer: 'default' },
      notes: ['KES runs inside the pod, in the container kes'],
    })
    expect(decision.outcome === 'inject' && decision.operations.map(({ path }) => path)).toEqual([
      '/spec/volumes/-',
      '/spec/initContainers',
    ])
  })

  it('is not changed again', () => {
    const { spec } = connected() as unknown as Pod
    const metadata = operatorMetadata
    expect(reason({ kind: 'Pod', metadata, spec: { ...spec, ...after(connected()) } })).toBe('AlreadyInjected')
  })

  it('gets it too where its Tenant opted out after it was connected: it could not read its data', () => {
    expect(reason(connected({ 'kes-injector.io/inject': 'disabled' }))).toBe('Injected')
  })

  it('gets it where the identity comes as a volume of the Tenant’s', () => {
    expect(reason(connected({}, { volumes: [podVolume(0o440)] }))).toBe('Injected')
  })

  it('is refused where something is in the way', () => {
    expect(reason(connected({}, { hostNetwork: true }))).toBe('PortCollision')
  })

  it.each<[string, unknown, Context]>([
    ['its Tenant is not connected', connected({}, { volumes: [] }), sidecarContext],
    ['its key server runs elsewhere', connected(), context],
    ['its key server is gone', connected(), { ...sidecarContext, keyServer: 'unknown' }],
  ])('is left alone where %s', (_when, object, around) => {
    expect(reason(object, around)).toBe('OperatorPod')
  })
})

describe('a Tenant whose key server runs inside MinIO pods', () => {
  const connect = (object: unknown) => {
    const decision = decide(tenantRequest(object), sidecarContext)
    if (decision.outcome !== 'inject') throw new Error(decision.reason)
    return apply(object, decision.operations) as { readonly spec: Record<string, unknown> }
  }

  it('is connected as ever, with the address inside its pods', () => {
    const { spec } = connect(tenant())
    expect(spec['externalClientCertSecrets']).toEqual([{ name: 'kes-client', type: 'cert-manager.io/v1' }])
    expect(spec['env']).toContainEqual(literal('MINIO_KMS_KES_ENDPOINT', loopback))
    expect(decide(tenantRequest({ ...tenant(), spec }), sidecarContext).reason).toBe('AlreadyInjected')
  })

  it('gets what somebody dropped back', () => {
    const stored = connect(tenant())
    const decision = decide(tenantUpdate(stored, tenant()), sidecarContext)
    expect(decision.reason).toBe('Repaired')
    expect(decision.outcome === 'inject' && apply(tenant(), decision.operations)).toMatchObject({ spec: stored.spec })
  })

  it('keeps its address even where its KeyServer is gone', () => {
    const stored = connect(tenant())
    const decision = decide(tenantUpdate(stored, tenant()), { ...sidecarContext, keyServer: 'unknown' })
    expect(decision.reason).toBe('Repaired')
    expect(JSON.stringify(decision)).toContain(loopback)
  })
})
