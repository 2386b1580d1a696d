import { describe, expect, it } from 'vitest'
import { selects, type LabelSelector } from '../../../src/api/selector.ts'

const labels = { team: 'a', tier: '', 'example.com/zone': 'eu' }
const need = (key: string, operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]): LabelSelector => ({
  matchExpressions: [values ? { key, operator, values } : { key, operator }],
})

// Kubernetes API reference, LabelSelector; apimachinery labels.Requirement.Matches.
describe('a label selector', () => {
  it.each<[string, LabelSelector, boolean]>([
    ['nothing at all', {}, true],
    ['empty lists', { matchLabels: {}, matchExpressions: [] }, true],
    ['a label with its value', { matchLabels: { team: 'a' } }, true],
    ['a label with another value', { matchLabels: { team: 'b' } }, false],
    ['a label that is not there', { matchLabels: { absent: 'a' } }, false],
    ['an absent label with the empty value', { matchLabels: { absent: '' } }, false],
    ['a present label with the empty value', { matchLabels: { tier: '' } }, true],
    ['one label of two', { matchLabels: { team: 'a', tier: 'x' } }, false],
    ['a name with a prefix', { matchLabels: { 'example.com/zone': 'eu' } }, true],
    ['In, with the value', need('team', 'In', ['b', 'a']), true],
    ['In, without the value', need('team', 'In', ['b']), false],
    ['In, of an absent label', need('absent', 'In', ['a']), false],
    ['In, of the empty value', need('tier', 'In', ['']), true],
    ['In, without values', need('team', 'In'), false],
    ['NotIn, with the value', need('team', 'NotIn', ['a']), false],
    ['NotIn, without the value', need('team', 'NotIn', ['b']), true],
    ['NotIn, of an absent label', need('absent', 'NotIn', ['a']), true],
    ['Exists', need('tier', 'Exists'), true],
    ['Exists, of an absent label', need('absent', 'Exists'), false],
    ['DoesNotExist', need('absent', 'DoesNotExist'), true],
    ['DoesNotExist, of a present label', need('tier', 'DoesNotExist'), false],
    ['labels and expressions together', { matchLabels: { team: 'a' }, ...need('tier', 'DoesNotExist') }, false],
    [
      'two expressions of which one fails',
      {
        matchExpressions: [
          { key: 'team', operator: 'Exists' },
          { key: 'absent', operator: 'Exists' },
        ],
      },
      false,
    ],
    ['what every object inherits', { matchLabels: { constructor: 'a' } }, false],
    ['Exists, of what every object inherits', need('toString', 'Exists'), false],
  ])('that asks for %s', (_what, selector, selected) => {
    expect(selects(selector, labels)).toBe(selected)
  })
})
