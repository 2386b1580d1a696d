import { describe, expect, it } from 'vitest'
import { podFacts } from '../../../../src/controller/keyServer/podFacts.ts'
import type { Pod } from '../../../../src/kube/resources.ts'

const pod = (status: object, metadata: object = {}): Pod => ({
  metadata: { name: 'kes-default-0', namespace: 'kes-system', ...metadata },
  status,
})
const kes = (state: object, more: object = {}) => ({ name: 'kes', ready: false, state, ...more })
const problem = (status: object) => podFacts(pod(status)).problem

describe('what a pod says', () => {
  it('is its name, its address and since when KES runs', () => {
    const running = kes({ running: { startedAt: '2026-01-01T00:00:00Z' } }, { ready: true })
    expect(podFacts(pod({ podIP: '10.0.0.9', containerStatuses: [running] }))).toEqual({
      name: 'kes-default-0',
      ip: '10.0.0.9',
      startedAt: '2026-01-01T00:00:00Z',
      problem: undefined,
    })
  })

  it('is nothing more before it has a status', () => {
    expect(podFacts({ metadata: { name: 'kes-default-0' } })).toEqual({
      name: 'kes-default-0',
      ip: undefined,
      startedAt: undefined,
      problem: undefined,
    })
  })

  it('is no address once it is being deleted: nobody should call it any more', () => {
    expect(podFacts(pod({ podIP: '10.0.0.9' }, { deletionTimestamp: 'now' })).ip).toBeUndefined()
  })
})

describe('what keeps a pod from running', () => {
  it.each([
    [
      'no node takes it',
      { conditions: [{ type: 'PodScheduled', status: 'False', message: 'pod has unbound volumes' }] },
      'pod has unbound volumes',
    ],
    [
      'its image cannot be had',
      { containerStatuses: [kes({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling' } })] },
      'kes: ImagePullBackOff: Back-off pulling',
    ],
    [
      'the launcher refuses an empty volume: its last line as JSON',
      {
        initContainerStatuses: [
          {
            name: 'init',
            ready: false,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: {
              terminated: {
                exitCode: 1,
                message: '{"msg":"first"}\n{"level":"error","msg":"this key server has been initialised before"}\n',
              },
            },
          },
        ],
      },
      'init: this key server has been initialised before',
    ],
    [
      'KES ends: its last line as it is',
      { containerStatuses: [kes({ terminated: { exitCode: 1, message: 'Error: boom\nError: no unseal key\n' } })] },
      'kes: Error: no unseal key',
    ],
    [
      'it ends without a word',
      { containerStatuses: [kes({ terminated: { exitCode: 137, reason: 'OOMKilled' } })] },
      'kes: OOMKilled',
    ],
    ['not even a reason', { containerStatuses: [kes({ terminated: { exitCode: 2 } })] }, 'kes: exit code 2'],
    [
      'JSON that is none of ours',
      { containerStatuses: [kes({ terminated: { exitCode: 1, message: '{"a":1}' } })] },
      'kes: {"a":1}',
    ],
  ])('%s', (_what, status, says) => {
    expect(problem(status)).toBe(says)
  })

  it('is cut to a length that a condition can carry', () => {
    const message = 'x'.repeat(5_000)
    expect(problem({ containerStatuses: [kes({ terminated: { exitCode: 1, message } })] })).toHaveLength(305)
    expect(problem({ containerStatuses: [kes({ waiting: { message } })] })?.length).toBeLessThan(400)
  })

  it.each([
    [
      'an init container that ended well',
      { initContainerStatuses: [{ name: 'init', ready: false, state: { terminated: { exitCode: 0 } } }] },
    ],
    ['a container that is being made', { containerStatuses: [kes({ waiting: { reason: 'ContainerCreating' } })] }],
    [
      'a past crash of one that is ready',
      { containerStatuses: [kes({}, { ready: true, lastState: { terminated: { exitCode: 1 } } })] },
    ],
  ])('is not %s', (_what, status) => {
    expect(problem(status)).toBeUndefined()
  })
})
