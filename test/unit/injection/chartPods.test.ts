import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/injection/decide.ts'
import type { Decision, Inject } from '../../../src/injection/decision.ts'
import { apply } from '../../../src/injection/patch.ts'
import { chartPod, chartPodFolder, type ChartPod } from '../../fixtures/chartPod.ts'
import { podEnv, podMount, podVolume } from '../../fixtures/objects.ts'
import { context, podRequest } from '../../fixtures/requests.ts'

interface Expected {
  readonly reason: Decision['reason']
  /** Of the container that is connected. */
  readonly container?: number
  readonly keyName?: string
  readonly notes?: readonly string[]
  /** Of our volume's files: 0440 where the pod has a group for its volumes. */
  readonly mode?: number
  readonly detail?: string
}

const envFrom = 'envFrom is not read here: a MINIO_KMS_ variable in it stops MinIO'
const configurationFile = 'MINIO_CONFIG_ENV_FILE is not read here: a MINIO_KMS_ variable in the file beats ours'

const expectations: Readonly<Record<string, Expected>> = {
  'community-deployment': { reason: 'Injected', mode: 0o440 },
  'community-statefulset': { reason: 'Injected', mode: 0o440, notes: [configurationFile] },
  'community-job': { reason: 'NotMinio' },
  'bitnami-deployment': { reason: 'Injected', mode: 0o440 },
  'bitnami-static-key': { reason: 'UserManagedKms', detail: 'MINIO_KMS_SECRET_KEY_FILE is set in the container' },
  // By its name it is MinIO. The settings do no harm to mc, and whoever does not want them says so: job-opted-out.
  'bitnami-job': { reason: 'Injected', mode: 0o440 },
  'job-opted-out': { reason: 'OptedOut' },
  'job-server': { reason: 'Injected', container: 1 },
  'hand-several': { reason: 'Injected', container: 1, keyName: 'team-a_store', notes: [envFrom] },
  'hand-untold': { reason: 'NotMinio' },
  'hand-mistold': {
    reason: 'NotMinio',
    detail: 'kes-injector.io/container names "storge", which is no container of the pod',
  },
  'hand-run-mounted': { reason: 'MountCollision' },
  'hand-config-file': { reason: 'Injected', notes: [envFrom, configurationFile] },
}

const decided = (pod: ChartPod): Decision => decide(podRequest(pod), context)

describe('a pod as charts and people write it', () => {
  it('is in the table below, whichever lies in the folder', () => {
    const files = readdirSync(chartPodFolder).map((file) => file.replace('.yaml', ''))
    expect(files.sort()).toEqual(Object.keys(expectations).sort())
  })

  it.each(Object.entries(expectations))('%s is decided as people expect it', (name, { reason, notes = [], detail }) => {
    const decision = decided(chartPod(name))
    expect(decision.reason).toBe(reason)
    if (decision.outcome === 'inject') expect(decision.notes).toEqual(notes)
    if (decision.outcome === 'skip') expect(decision.detail).toBe(detail)
    if (decision.outcome === 'deny') expect(decision.sentence).toContain('/run/')
  })

  const injected = Object.entries(expectations).filter(([, { reason }]) => reason === 'Injected')
  it.each(injected)('%s is stored with all that it had, and ours in its one place', (name, expected) => {
    const { container: index = 0, keyName, mode } = expected
    const pod = chartPod(name)
    const stored = apply(pod, (decided(pod) as Inject).operations) as ChartPod
    const { containers, volumes = [], ...rest } = stored.spec
    const { containers: hadContainers, volumes: hadVolumes = [], ...hadRest } = pod.spec
    expect(stored.metadata).toEqual(pod.metadata)
    expect(rest).toEqual(hadRest)
    expect(volumes).toEqual([...hadVolumes, podVolume(mode)])
    expect(containers.filter((_, at) => at !== index)).toEqual(hadContainers.filter((_, at) => at !== index))
    const had = hadContainers[index]
    expect(containers[index]).toEqual({
      ...had,
      env: [...podEnv(keyName), ...(had?.env ?? [])],
      volumeMounts: [...(had?.volumeMounts ?? []), podMount],
    })
    expect(decided(stored).reason).toBe('AlreadyInjected')
  })
})
