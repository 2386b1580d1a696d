import { describe, expect, it } from 'vitest'
import { progressBar, sizeOf } from '../../../../src/cli/kubectlKes/progressBar.ts'

const steps = ['reading', 'checking', 'writing']

function screen(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, written, write: (text: string) => written.push(text) }
}

describe('progress', () => {
  it('is one line for each step where nobody watches', () => {
    const log = screen(false)
    const { tell, end } = progressBar(log, steps)
    tell('reading')
    for (const bytes of [1, 1_000, 2_000]) tell('reading', bytes)
    tell('checking')
    end()
    expect(log.written).toEqual(['reading\n', 'checking\n'])
  })

  it('is a bar that is written over at a terminal, and leaves an empty line', () => {
    const terminal = screen(true)
    const { tell, end } = progressBar(terminal, steps)
    tell('reading', 2_048)
    tell('writing')
    end()
    expect(terminal.written).toEqual([
      `\r\u001b[2K[${'.'.repeat(24)}] reading (2.0 KiB)`,
      `\r\u001b[2K[${'#'.repeat(16)}${'.'.repeat(8)}] writing`,
      '\r\u001b[2K',
    ])
  })

  it('says nothing where nothing was begun', () => {
    const terminal = screen(true)
    progressBar(terminal, steps).end()
    expect(terminal.written).toEqual([])
  })
})

it('sizes are said as people read them', () => {
  expect([12, 1_536, 3 * 1024 * 1024].map(sizeOf)).toEqual(['12 bytes', '1.5 KiB', '3.0 MiB'])
})
