import { describe, expect, it } from 'vitest'
import type { Inhabitants } from '../../../../src/plugin/explain/namespace.ts'
import { planInjectNamespace, planUninjectNamespace } from '../../../../src/plugin/inject/planNamespace.ts'
import { planInjectTenant, planUninjectTenant } from '../../../../src/plugin/inject/planTenant.ts'
import { tellPlan } from '../../../../src/plugin/inject/tell.ts'
import { found } from '../../../../src/plugin/seen.ts'
import { connectedTenant, pod, tenant } from '../../../fixtures/objects.ts'
import { storedTenant, surroundings, unlabelled } from '../worlds.ts'

const nobody: Inhabitants = { tenants: found([]), pods: found([]) }
const inhabited: Inhabitants = {
  tenants: found([tenant() as never]),
  pods: found([pod({}, {}, {}, { name: 'minio-0' }) as never]),
}

describe('opting a namespace in', () => {
  it('labels exactly the namespace that was looked at, and tells what stays as it is', () => {
    const { action, findings } = planInjectNamespace(unlabelled, inhabited)
    expect(action).toEqual({ do: 'label', namespace: 'team-a', resourceVersion: '7', value: 'enabled' })
    expect(findings.map(({ text }) => text)).toEqual([
      'Tenant store stays unconnected until it is adopted: kubectl kes inject tenant/store',
      'pod minio-0 runs on without KES until it is created again',
    ])
  })

  it('is not done twice', () => expect(planInjectNamespace(surroundings, nobody).action).toBeUndefined())

  it('is not done where nothing could be created any more', () => {
    const lost = { ...unlabelled, context: { ...unlabelled.context, keyServer: 'unknown' as const } }
    const plan = planInjectNamespace(lost, nobody)
    expect(plan.action).toBeUndefined()
    expect(tellPlan(plan, undefined)).toMatchObject({ ok: false })
  })

  it('is not done for the namespace of kes-injector itself', () => {
    const own = {
      ...unlabelled,
      context: { ...unlabelled.context, namespace: { ...unlabelled.context.namespace, name: 'kes-system' } },
    }
    expect(planInjectNamespace(own, nobody).action).toBeUndefined()
  })
})

describe('opting a namespace out', () => {
  it('warns of each pod whose successor could not read its data', () => {
    const connected = { tenants: found([connectedTenant() as never]), pods: found([]) }
    const { action, findings } = planUninjectNamespace(surroundings, connected)
    expect(action).toMatchObject({ do: 'label', value: null })
    expect(findings).toMatchObject([{ level: 'note', text: expect.stringContaining('stays connected') as string }])
  })
})

describe('adopting a Tenant', () => {
  it('annotates exactly the Tenant that was looked at, then restarts it for the Secret', () => {
    const { action, lines } = planInjectTenant(storedTenant(tenant()), surroundings)
    expect(action).toEqual({
      do: 'annotate',
      namespace: 'team-a',
      tenant: 'store',
      resourceVersion: '9',
      value: 'enabled',
      restartFor: 'kes-client',
    })
    expect(lines.join('\n')).toContain('needs KES for good')
  })

  it('that is connected does nothing', () => {
    expect(planInjectTenant(storedTenant(connectedTenant()), surroundings)).toMatchObject({
      action: undefined,
      findings: [],
    })
  })

  it.each([
    ['its namespace did not opt in', unlabelled],
    [
      'its identity is not Ready',
      { ...surroundings, identity: found({ metadata: {}, spec: {}, status: {} } as never) },
    ],
    ['there is no Secret yet', { ...surroundings, secret: { is: 'missing' } as const }],
  ])('is not done while %s', (_, around) => {
    const plan = planInjectTenant(storedTenant(tenant()), around)
    expect(plan.action).toBeUndefined()
    expect(plan.findings).toContainEqual(expect.objectContaining({ level: 'problem' }))
  })

  it('is not done where config.env would stop MinIO', () => {
    const source = {
      kind: 'Secret',
      name: 's',
      optional: false,
      how: { is: 'file', key: 'config.env', of: 'Tenant' },
    } as const
    const observed = {
      ...storedTenant(tenant()),
      hidden: [[source, found({ 'config.env': 'export MINIO_KMS_SECRET_KEY=x' })]] as const,
    }
    expect(planInjectTenant(observed, surroundings).action).toBeUndefined()
  })

  it('of the user’s own KMS is not done', () => {
    const own = tenant({ env: [{ name: 'MINIO_KMS_SECRET_KEY', value: 'x' }] })
    expect(planInjectTenant(storedTenant(own), surroundings).action).toBeUndefined()
  })

  it('whose KES the operator runs restarts nothing by itself', () => {
    const plan = planInjectTenant(storedTenant(tenant({ kes: { kesSecret: { name: 'c' } } })), surroundings)
    expect(plan.action).toMatchObject({ do: 'annotate', restartFor: undefined })
  })
})

describe('opting a Tenant out', () => {
  it('is done for one that is not connected', () => {
    expect(planUninjectTenant(storedTenant(tenant()), surroundings).action).toMatchObject({
      do: 'annotate',
      value: 'disabled',
    })
  })

  it('is never done for one that is: what it encrypted would be lost', () => {
    const plan = planUninjectTenant(storedTenant(connectedTenant()), surroundings)
    expect(plan.action).toBeUndefined()
    expect(tellPlan(plan, undefined).ok).toBe(false)
  })
})
