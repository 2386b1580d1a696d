import { describe, expect, it } from 'vitest'
import type { Event, Pod } from '../../../../src/kube/resources.ts'
import { hasFailed, podFindings } from '../../../../src/plugin/explain/podFindings.ts'

const podIn = (phase: string, status: object = {}): Pod =>
  ({
    metadata: { name: 'minio-0', namespace: 'team-a' },
    status: { phase, containerStatuses: [{ name: 'minio', ready: false, ...status }] },
  }) as unknown as Pod
const running = (pod: Pod, lastOutput?: string) => ({ pod, container: 'minio', lastOutput })
const looping = podIn('Running', {
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1 } },
})
const staticKey =
  'FATAL Invalid KMS configuration specified: kms: configuration for MinIO KES and static KMS key is present canary'

describe('a pod of MinIO', () => {
  it('that fails for its KMS is told by what MinIO said last, without repeating it', () => {
    const [finding] = podFindings(running(looping, staticKey), [])
    expect(finding).toMatchObject({ level: 'problem' })
    expect(finding?.text).toContain('(StaticKey)')
    expect(finding?.text).not.toContain('canary')
  })

  it('is told by its termination message as well', () => {
    const ended = podIn('Running', { lastState: { terminated: { exitCode: 1, message: staticKey } } })
    expect(podFindings(running(ended), [])[0]?.text).toContain('(StaticKey)')
  })

  it('that fails for something else is told with the way to its output', () => {
    expect(podFindings(running(looping, 'FATAL disk'), [])[0]?.text).toContain(
      'kubectl logs -n team-a minio-0 -c minio',
    )
  })

  it('that is ready again is not blamed for what was', () => {
    const fine = podIn('Running', { ready: true, lastState: { terminated: { exitCode: 1 } } })
    expect(podFindings(running(fine, staticKey), [])).toEqual([])
    expect([hasFailed(fine, 'minio'), hasFailed(looping, 'minio')]).toEqual([undefined, 'before'])
  })

  it('waits for a Secret of ours only where its own event says so', () => {
    const event = (name: string, secret: string) =>
      ({
        reason: 'FailedMount',
        regarding: { name },
        note: `MountVolume.SetUp failed : secret "${secret}" not found`,
      }) as unknown as Event
    const waits = (each: Event) => podFindings(running(podIn('Pending')), [each]).length
    expect([
      waits(event('minio-0', 'kes-client')),
      waits(event('other', 'kes-client')),
      waits(event('minio-0', 'x')),
    ]).toEqual([1, 0, 0])
  })
})
