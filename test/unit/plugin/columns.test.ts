import { expect, it } from 'vitest'
import { columns } from '../../../src/plugin/columns.ts'

it('columns stand under their heads, with nothing behind the last word', () => {
  expect(
    columns(
      ['A', 'LONG'],
      [
        ['one', 'x'],
        ['b', ''],
      ],
    ),
  ).toEqual(['A    LONG', 'one  x', 'b'])
})

it('a cell that others wrote cannot steer a terminal or begin a line', () => {
  expect(columns(['A'], [['x\u001b[31m\ny\u202e']])[1]).toBe('x [31m y')
})
