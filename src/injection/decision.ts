import type { DenyReason, InjectReason, SkipReason } from '../api/reasons.ts'
import type { Operation } from './patch.ts'

/** What an object was, or would be, connected to. */
export interface Summary {
  readonly keyServer: string
  /** Undefined where the object does not say it: the key of the operator's pods stands in their Tenant. */
  readonly keyName?: string
}

export interface Inject {
  readonly outcome: 'inject'
  readonly reason: InjectReason
  readonly operations: readonly Operation[]
  readonly summary: Summary
  /** What the author of the object would want to know, a sentence each. */
  readonly notes: readonly string[]
}

export interface Skip {
  readonly outcome: 'skip'
  readonly reason: SkipReason
  /** What in this object led to the reason. */
  readonly detail?: string
}

export interface Deny {
  readonly outcome: 'deny'
  readonly reason: DenyReason
  /** What is wrong and what to do about it. */
  readonly sentence: string
}

/** What happens to an object. Nothing else can: every answer of the webhook is made from one of these. */
export type Decision = Inject | Skip | Deny

export const inject = (
  reason: InjectReason,
  operations: readonly Operation[],
  summary: Summary,
  notes: readonly string[] = [],
): Inject => ({ outcome: 'inject', reason, operations, summary, notes })

export const skip = (reason: SkipReason, detail?: string): Skip =>
  detail === undefined ? { outcome: 'skip', reason } : { outcome: 'skip', reason, detail }

export const deny = (reason: DenyReason, sentence: string): Deny => ({ outcome: 'deny', reason, sentence })
