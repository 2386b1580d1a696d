import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const project = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(project, path), 'utf8')

interface Row {
  readonly criterion: string
  readonly shownBy: string
}

const rows: readonly Row[] = [
  ...read('docs/explanation/good-practices.md').matchAll(/^\| (G\d+) \| [^|]+ \| ([^|]+) \|$/gm),
].map(([, criterion = '', shownBy = '']) => ({ criterion, shownBy }))

/** A test that a row names: `file`: "name", "another name". */
interface NamedTest {
  readonly file: string
  readonly name: string
}

const testsOf = ({ shownBy }: Row): readonly NamedTest[] =>
  [...shownBy.matchAll(/`(test\/[^`]+)`: ("[^"]+"(?:, "[^"]+")*)/g)].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
  )

/** Whether a file of tests has one of that name, whichever quotes it stands in. */
const isThere = ({ file, name }: NamedTest): boolean =>
  existsSync(join(project, file)) && [`'`, '"', '`'].some((quote) => read(file).includes(`${quote}${name}${quote},`))

describe('the table of good practices', () => {
  it('has every criterion once, in order', () => {
    expect(rows.map(({ criterion }) => criterion)).toEqual(Array.from({ length: 31 }, (_, at) => `G${at + 1}`))
  })

  it.each(rows)('shows $criterion by tests that exist, or says that it does not', (row) => {
    const tests = testsOf(row)
    if (tests.length === 0) expect(row.shownBy).toMatch(/Not shown yet|Does not apply/)
    expect(tests.filter((test) => !isThere(test))).toEqual([])
    // A name in quotes that follows no file would be a promise that nobody checks.
    expect(row.shownBy.split('"').length - 1).toBe(2 * tests.length)
  })

  it('is not believed about a test that does not exist', () => {
    const file = 'test/apiserver/pods.test.ts'
    expect(isThere({ file, name: 'is stored as it was written where it opts out' })).toBe(true)
    expect(isThere({ file, name: 'is stored as it was written' })).toBe(false)
    expect(isThere({ file: 'test/apiserver/none.test.ts', name: 'is stored' })).toBe(false)
  })
})
