import { expect, it } from 'vitest'
import { conditionsSaid } from '../../../src/plugin/conditionsSaid.ts'

const condition = (type: string, status: 'True' | 'False', message: string) => ({
  type,
  status,
  message,
  reason: 'Because',
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

it('what is as it should be is not told', () => {
  const all = [
    condition('Ready', 'True', 'a'),
    condition('Stalled', 'False', 'b'),
    condition('SingleReplica', 'False', 'c'),
  ]
  expect(conditionsSaid('KeyServer default', all)).toEqual([])
})

it('a good condition that is false and a stop are problems, a hazard is a warning', () => {
  const all = [
    condition('Ready', 'False', 'a'),
    condition('Stalled', 'True', 'b'),
    condition('KeysInClear', 'True', 'c'),
  ]
  expect(conditionsSaid('x', all).map(({ level }) => level)).toEqual(['problem', 'problem', 'warning'])
})

it('the same message is told once', () => {
  const all = [condition('Serving', 'False', 'no pod'), condition('Ready', 'False', 'no pod')]
  expect(conditionsSaid('x', all)).toHaveLength(1)
})

it('silence of the controller is a problem', () => {
  expect(conditionsSaid('x', undefined)).toMatchObject([{ level: 'problem' }])
})
