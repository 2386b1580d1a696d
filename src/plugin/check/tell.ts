import { columns } from '../columns.ts'
import type { Told } from '../told.ts'
import { installRows } from './installRows.ts'
import type { Observed } from './observe.ts'
import type { Row } from './row.ts'
import { stateRows } from './stateRows.ts'

/** What is installed and how it is, a row each. What a person may not see is unknown, which is no failure. Pure. */
export function tellCheck(observed: Observed, now: Date): Told {
  const rows = [...installRows(observed, now), ...stateRows(observed)]
  const count = (result: Row['result']) => rows.filter((row) => row.result === result).length
  const [failed, unknown] = [count('failed'), count('unknown')]
  const summary =
    (failed === 0 ? 'Nothing is wrong that could be seen.' : `${failed} of ${rows.length} are not as they must be.`) +
    (unknown === 0 ? '' : ` ${unknown} could not be checked: you may not see them.`)
  return {
    text: [
      ...columns(
        ['CHECK', 'RESULT', 'DETAIL'],
        rows.map(({ what, result, detail }) => [what, shown(result), detail]),
      ),
      '',
      summary,
    ],
    data: { ok: failed === 0, checks: rows },
    ok: failed === 0,
  }
}

const shown = (result: Row['result']): string => (result === 'failed' ? 'FAILED' : result)
