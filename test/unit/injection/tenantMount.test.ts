import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/injection/decide.ts'
import type { AdmissionRequest, Context } from '../../../src/injection/context.ts'
import { apply } from '../../../src/injection/patch.ts'
import { withDefaultMount } from '../../../src/injection/tenantMount.ts'
import {
  connectedTenant,
  mountedTenant,
  ourEntry,
  podEnv,
  podMount,
  podVolume,
  tenant,
  tenantEnv,
} from '../../fixtures/objects.ts'
import { context, inNamespace, tenantRequest, tenantUpdate } from '../../fixtures/requests.ts'

const mount = 'kes-injector.io/mount'
const asVolumes = { [mount]: 'additionalVolumes' }
const volumes = inNamespace(asVolumes)
const users = {
  additionalVolumes: [{ name: 'own', emptyDir: {} }],
  additionalVolumeMounts: [{ name: 'own', mountPath: '/own' }],
}

const decided = (request: AdmissionRequest, around: Context = volumes) => {
  const decision = decide(request, around)
  const after = decision.outcome === 'inject' ? apply(request.object, decision.operations) : request.object
  return { reason: decision.reason, after, decision }
}

describe('a Tenant whose namespace chooses additionalVolumes', () => {
  it('gets a volume, its mount and five variables that name its files, and no certificate entry', () => {
    const { reason, after } = decided(tenantRequest(tenant()))
    expect(reason).toBe('Injected')
    expect(after).toEqual(
      tenant({ additionalVolumes: [podVolume(0o440)], additionalVolumeMounts: [podMount], env: podEnv() }),
    )
    expect(decided(tenantRequest(after)).reason).toBe('AlreadyInjected')
  })

  it('keeps the user’s volumes first, and both lists of one length', () => {
    const { after } = decided(tenantRequest(tenant(users)))
    expect(after).toMatchObject({
      spec: {
        additionalVolumes: [...users.additionalVolumes, podVolume(0o440)],
        additionalVolumeMounts: [...users.additionalVolumeMounts, podMount],
      },
    })
  })

  it('gets files that MinIO can read where a pool has no group for them', () => {
    const pools = [{ name: 'pool-0', securityContext: { runAsUser: 5 } }]
    expect(decided(tenantRequest(tenant({ pools }))).after).toMatchObject({
      spec: { additionalVolumes: [podVolume(0o444)] },
    })
  })

  it('is refused where the operator would ignore its volumes, and ours with them', () => {
    const [volume] = users.additionalVolumes
    const { decision } = decided(tenantRequest(tenant({ ...users, additionalVolumes: [volume, volume] })))
    expect(decision).toMatchObject({ reason: 'VolumesUnequal', sentence: expect.stringContaining(mount) as string })
  })

  it.each([
    ['NameCollision', { ...users, additionalVolumes: [{ name: 'kes-injector', emptyDir: {} }] }],
    ['MountCollision', { ...users, additionalVolumeMounts: [{ name: 'own', mountPath: '/run' }] }],
  ])('is refused where something of the user’s is in the way: %s', (reason, spec) => {
    expect(decided(tenantRequest(tenant(spec))).reason).toBe(reason)
  })
})

describe('the choice of the mount', () => {
  it('is the Tenant’s before the namespace’s', () => {
    const listed = tenant({}, { [mount]: 'externalClientCertSecrets' })
    expect(decided(tenantRequest(listed)).after).toMatchObject({ spec: { externalClientCertSecrets: [ourEntry] } })
    expect(decided(tenantRequest(tenant({}, asVolumes)), context).after).toHaveProperty('spec.additionalVolumes')
  })

  it('is the chart’s where the namespace says nothing, and the namespace’s where it does', () => {
    const { namespace } = context
    expect(withDefaultMount(namespace, 'additionalVolumes').annotations).toEqual(asVolumes)
    const said = { ...namespace, annotations: { [mount]: 'externalClientCertSecrets' } }
    expect(withDefaultMount(said, 'additionalVolumes')).toBe(said)
  })

  it('is refused where it is no known word, on the Tenant or its namespace', () => {
    const wrong = { [mount]: 'volumes' }
    expect(decided(tenantRequest(tenant({}, wrong)), context).reason).toBe('MountUnknown')
    expect(decided(tenantRequest(tenant()), inNamespace(wrong)).decision).toMatchObject({
      reason: 'MountUnknown',
      sentence: expect.stringContaining('of the namespace') as string,
    })
  })

  it('is not asked again once a Tenant is connected: the other way would change env under running pods', () => {
    expect(decided(tenantUpdate(connectedTenant(), connectedTenant(asVolumes))).reason).toBe('AlreadyInjected')
    expect(decided(tenantUpdate(mountedTenant(), mountedTenant()), context).reason).toBe('AlreadyInjected')
    const [byEntry, byVolume] = [
      decided(tenantUpdate(connectedTenant(), tenant({}, asVolumes))),
      decided(tenantUpdate(mountedTenant(), tenant()), context),
    ]
    expect(byEntry).toMatchObject({ reason: 'Repaired', after: { spec: { env: tenantEnv(0) } } })
    expect(byVolume).toMatchObject({ reason: 'Repaired', after: mountedTenant() })
  })
})

describe('a Tenant that is connected by a volume', () => {
  it.each([
    ['the volume', { additionalVolumes: [] }],
    ['the mount', { additionalVolumeMounts: [] }],
    ['the variables', { env: [] }],
    ['all of it', { additionalVolumes: null, additionalVolumeMounts: null, env: null }],
  ])('gets back %s', (_what, dropped) => {
    const written = tenant({ ...(mountedTenant()['spec'] as object), ...dropped })
    const { reason, after } = decided(tenantUpdate(mountedTenant(), written))
    expect(reason).toBe('Repaired')
    expect(after).toEqual(mountedTenant())
  })

  it('may not get a volume without a mount: the operator would then drop ours from every pod', () => {
    const written = mountedTenant({ additionalVolumes: [podVolume(0o440), { name: 'own', emptyDir: {} }] })
    expect(decided(tenantUpdate(mountedTenant(), written)).reason).toBe('VolumesUnequal')
  })
})
