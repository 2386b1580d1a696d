import type { Claim, ConditionType } from '../../api/conditions.ts'

/** One condition as it is claimed now. */
export type Said = Claim & { readonly type: ConditionType }

export const yes = (type: ConditionType, reason: string, message: string): Said => ({
  type,
  status: 'True',
  reason,
  message,
})
export const no = (type: ConditionType, reason: string, message: string): Said => ({
  type,
  status: 'False',
  reason,
  message,
})
