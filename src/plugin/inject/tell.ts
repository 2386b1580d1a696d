import { oneLine } from '../columns.ts'
import { findingLines, isWell, type Told } from '../told.ts'
import type { Plan } from './plan.ts'

/** What this file needs to know of a plan, whatever it does. */
export type Tellable = Pick<Plan, 'lines' | 'findings'> & { readonly action: { readonly do: string } | undefined }

/** The plan, and what became of it: `done` is what was carried out, undefined where nobody said yes. Pure. */
export function tellPlan(
  { lines, findings, action }: Tellable,
  done: readonly string[] | undefined,
): Told & { readonly data: object } {
  const well = isWell(findings)
  const end =
    done ??
    (action
      ? ['Nothing was changed. To do it, say it again with --yes.']
      : well
        ? ['There is nothing to do.']
        : ['Nothing was changed, and nothing will be while that is so.'])
  const text = [...lines.map(oneLine), ...findingLines(findings), '', ...end]
  return { text, data: { plan: lines, findings, action: action?.do, done: done !== undefined, said: end }, ok: well }
}
