import { describe, expect, it } from 'vitest'
import type { Observed } from '../../../../src/controller/stateful/observed.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { plan } from '../../../../src/controller/stateful/plan.ts'
import { keyServer } from '../keyServers.ts'
import { now } from '../pairs.ts'
import { answering, but, condition, settled, told, unrecorded } from './settled.ts'

describe('what a server says of itself', () => {
  it.each<[string, string, Partial<Observed>]>([
    ['NoPod', 'does not run yet', { server: { is: 'absent' }, pod: undefined }],
    ['Unreachable', 'connection refused', { server: { is: 'unreachable', why: 'connection refused' } }],
  ])('%s', (reason, says, difference) => {
    expect(condition(but(difference), 'Serving')).toMatchObject({ status: 'False', reason })
    expect(condition(but(difference), 'Serving')?.message).toContain(says)
    expect(condition(but(difference), 'Ready')).toMatchObject({ status: 'False', reason })
  })

  it('carries the words of the kubelet where the pod has a problem', () => {
    const pod = { name: 'kes-default-0', ip: undefined, startedAt: undefined, problem: 'kes: ImagePullBackOff: no' }
    expect(condition(but({ pod, server: { is: 'absent' } }), 'Serving')?.message).toBe('kes: ImagePullBackOff: no')
    expect(condition(but({ pod, server: { is: 'unreachable', why: 'x' } }), 'Serving')?.message).toContain('ImagePull')
  })

  it('says the way back where an image of the KeyServer does not come up', () => {
    const pod = { name: 'kes-default-0', ip: undefined, startedAt: undefined, problem: 'init: Error: unknown flag' }
    const theirs = keyServer({ stateful: { image: 'kes@sha256:00' } })
    const down = { keyServer: theirs, pod, server: { is: 'absent' } as const }
    expect(condition(but(down), 'Serving')?.message).toBe(
      'init: Error: unknown flag (image kes@sha256:00; with spec.stateful.image as it was before, the pod is replaced again)',
    )
    expect(condition(but({ ...down, status: {} }), 'Serving')?.message).toBe('init: Error: unknown flag')
  })

  it('claims nothing about keys while it does not answer', () => {
    const keysBefore = settled.status.conditions?.find(({ type }) => type === 'KeysPresent')
    expect(condition(but({ server: { is: 'unreachable', why: 'x' } }), 'KeysPresent')).toEqual(keysBefore)
  })

  it('lists no replica where there is no pod', () => {
    expect(plan(but({ pod: undefined, server: { is: 'absent' } }), now).status.replicas).toEqual([])
  })
})

describe('predictable data keys', () => {
  const predictable = told(
    but({ server: answering([checkKey, 'team-a_minio'], { predictableDataKeys: true }) }, unrecorded),
  )

  it('are told, and the server is not ready', () => {
    expect(condition(predictable, 'DataKeysPredictable')).toMatchObject({ status: 'True', reason: 'KnownSequence' })
    expect(condition(predictable, 'Ready')).toMatchObject({ status: 'False', reason: 'DataKeysPredictable' })
  })

  it('are remembered by later rounds, which do not try again', () => {
    const later = { ...predictable, server: answering([checkKey, 'team-a_minio']) }
    expect(condition(later, 'Ready')?.reason).toBe('DataKeysPredictable')
  })

  it('are put up with where the spec says so', () => {
    const accepting = keyServer({ stateful: { acceptPredictableDataKeys: true } })
    expect(condition({ ...predictable, keyServer: accepting }, 'Ready')?.status).toBe('True')
  })
})
