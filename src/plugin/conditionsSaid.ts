import type { Condition, ConditionType } from '../api/conditions.ts'
import { problem, warning, type Finding } from './told.ts'

/** Conditions that are good when they are true; every other one tells of a hazard or a stop. */
const goodWhenTrue: ReadonlySet<string> = new Set<ConditionType>([
  'Ready',
  'Issued',
  'Enrolled',
  'Initialized',
  'Serving',
  'KeysPresent',
])

/** Hazards that people chose or may live with. */
const merelyWarning = (type: string): boolean => type !== ('Stalled' satisfies ConditionType)

/** `Ready`, as a column shows it. */
export const readyOf = (conditions: readonly Condition[] | undefined): string =>
  conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown'

/** The conditions that a person should hear of: what is not as it should be, each message once. */
export function conditionsSaid(of: string, conditions: readonly Condition[] | undefined): readonly Finding[] {
  if (!conditions || conditions.length === 0) return [problem(`${of}: the controller has said nothing of it yet`)]
  const bad = conditions.filter(({ type, status }) => (goodWhenTrue.has(type) ? status !== 'True' : status === 'True'))
  const heard = new Set<string>()
  return bad.flatMap(({ type, status, reason, message }) => {
    if (heard.has(message)) return []
    heard.add(message)
    const say = goodWhenTrue.has(type) ? problem : merelyWarning(type) ? warning : problem
    return [say(`${of}: ${type} is ${status}, ${reason}: ${message}`)]
  })
}
