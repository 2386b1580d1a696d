import { describe, expect, it } from 'vitest'
import { isTrue, withCondition, type Condition } from '../../../src/api/conditions.ts'

const [early, late] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')]
const claim = { type: 'Ready', status: 'True', reason: 'Ready', message: 'it works' } as const
const first = withCondition([], claim, early, 1)

describe('a condition', () => {
  it('is written down with the time at which it became so', () => {
    expect(first).toEqual([{ ...claim, observedGeneration: 1, lastTransitionTime: early.toISOString() }])
  })

  it('gives back the very same list where it says the same', () => {
    expect(withCondition(first, { ...claim }, late, 1)).toBe(first)
  })

  it.each([
    ['reason', { ...claim, reason: 'Other' }, 1],
    ['message', { ...claim, message: 'still' }, 1],
    ['generation', claim, 2],
  ] as const)('keeps its time where only its %s changes', (_what, next, generation) => {
    const [condition] = withCondition(first, next, late, generation)
    expect(condition).toMatchObject({ ...next, observedGeneration: generation })
    expect(condition?.lastTransitionTime).toBe(early.toISOString())
  })

  it.each(['False', 'Unknown'] as const)('has a new time where it becomes %s', (status) => {
    expect(withCondition(first, { ...claim, status }, late, 1)[0]?.lastTransitionTime).toBe(late.toISOString())
  })

  it('leaves its neighbours and their order alone', () => {
    const others = withCondition(first, { ...claim, type: 'Issued' }, early)
    const next = withCondition(others, { ...claim, status: 'False' }, late)
    expect(next.map(({ type }) => type)).toEqual(['Ready', 'Issued'])
    expect(next[1]).toBe(others[1])
  })

  it('carries no generation where there is none', () => {
    expect(withCondition([], claim, early)[0]).not.toHaveProperty('observedGeneration')
  })
})

describe('asking for a condition', () => {
  it('is answered yes only by True', () => {
    const told = (status: Condition['status']): readonly Condition[] => [{ ...claim, status, lastTransitionTime: '' }]
    expect(isTrue(told('True'), 'Ready')).toBe(true)
    expect(isTrue(told('False'), 'Ready')).toBe(false)
    expect(isTrue(told('Unknown'), 'Ready')).toBe(false)
    expect(isTrue(told('True'), 'Stalled')).toBe(false)
    expect(isTrue(undefined, 'Ready')).toBe(false)
  })
})
