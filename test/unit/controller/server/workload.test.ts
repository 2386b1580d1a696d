import { describe, expect, it } from 'vitest'
import { hashAnnotation } from '../../../../src/controller/keyServer/applied.ts'
import { budgetOf, statefulSetOf, type WorkloadSettings } from '../../../../src/controller/server/workload.ts'
import type { PodDisruptionBudget, StatefulSet } from '../../../../src/kube/resources.ts'
import { keyServer } from '../keyServers.ts'

const settings: WorkloadSettings = {
  releaseNamespace: 'kes-system',
  serverImage: 'registry/kes@sha256:1',
  serverImagePullPolicy: 'Always',
  agentImage: 'registry/kes-injector@sha256:2',
  agentImagePullPolicy: 'IfNotPresent',
  keyServerAccount: 'kes-injector-key-server',
}
const serverSpec = (more: object = {}) =>
  keyServer({ stateful: undefined, server: { keystoreSecretRef: { name: 'mine' }, ...more } })
const setOf = (more: object = {}, environment?: string) =>
  statefulSetOf(serverSpec(more), settings, environment) as StatefulSet
const { spec } = setOf()
const pod = spec?.template.spec
const container = (name: string) => pod?.containers.find((each) => each.name === name)
const hash = (set: StatefulSet) => set.metadata.annotations?.[hashAnnotation]

describe('the StatefulSet of a current KES', () => {
  it('exchanges one replica after the other, each after MinIO has come back to the former one', () => {
    expect(spec).toMatchObject({ replicas: 2, minReadySeconds: 35, podManagementPolicy: 'Parallel' })
    expect(spec?.updateStrategy).toBeUndefined()
    expect(container('kes')?.lifecycle?.preStop?.sleep).toEqual({ seconds: 5 })
  })

  it('is never asked by a probe that fails with the key store', () => {
    const { startupProbe, readinessProbe, livenessProbe } = container('kes') ?? {}
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect(probe?.tcpSocket).toEqual({ port: 'kes' })
      expect(probe?.httpGet).toBeUndefined()
    }
  })

  it('runs as restricted pod security asks for, the agent as the same user: only so may it signal KES', () => {
    expect(pod).toMatchObject({
      shareProcessNamespace: true,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    })
    for (const { securityContext } of pod?.containers ?? [])
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  })

  it('has no rights and no token, unless an account is named', () => {
    expect(pod).toMatchObject({ serviceAccountName: 'kes-injector-key-server', automountServiceAccountToken: false })
    const named = setOf({ serviceAccountName: 'vault-auth' }).spec?.template.spec
    expect(named).toMatchObject({ serviceAccountName: 'vault-auth', automountServiceAccountToken: false })
    const mounted = (container: string) =>
      named?.containers.find(({ name }) => name === container)?.volumeMounts?.map(({ mountPath }) => mountPath)
    expect(mounted('kes')).toContain('/var/run/secrets/kubernetes.io/serviceaccount')
    expect(mounted('agent')).not.toContain('/var/run/secrets/kubernetes.io/serviceaccount')
  })

  it('mounts folders, never single files: only those are exchanged', () => {
    const mounts = pod?.containers.flatMap(({ volumeMounts = [] }) => volumeMounts) ?? []
    expect(mounts.length).toBe(4)
    for (const { subPath, readOnly } of mounts) expect([subPath, readOnly]).toEqual([undefined, true])
    for (const path of [...(container('kes')?.args ?? []), ...(container('agent')?.args ?? [])].filter((arg) =>
      arg.startsWith('/'),
    ))
      expect(mounts.some(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`))).toBe(true)
  })

  it('has a volume only for files, which outlives it', () => {
    expect(spec?.volumeClaimTemplates).toBeUndefined()
    const files = setOf({ replicas: 1, storage: { size: '2Gi' } }).spec
    expect(files?.volumeClaimTemplates?.[0]?.spec?.resources?.requests).toEqual({ storage: '2Gi' })
    expect(files?.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' })
  })

  it('is another one for another image, number, or environment, and the same for other identities', () => {
    expect(
      new Set([setOf(), setOf({ image: 'mine:1' }), setOf({ replicas: 3 }), setOf({}, 'abc')].map(hash)).size,
    ).toBe(4)
    const more = keyServer({ stateful: undefined, server: { keystoreSecretRef: { name: 'mine' } }, keys: ['a_1'] })
    expect(hash(statefulSetOf(more, settings, undefined) as StatefulSet)).toBe(hash(setOf()))
  })

  it('loses one replica at a time to drains', () => {
    const budget = budgetOf(serverSpec(), 'kes-system') as PodDisruptionBudget
    expect(budget.spec?.maxUnavailable).toBe(1)
    expect(budget.spec?.selector?.matchLabels).toEqual(spec?.selector.matchLabels)
  })
})
