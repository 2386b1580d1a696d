import { denyReasons, injectReasons, skipReasons, type Reason } from '../../api/reasons.ts'
import type { Context } from '../../injection/context.ts'
import { decide } from '../../injection/decide.ts'
import type { Decision } from '../../injection/decision.ts'
import { keyServerAt } from '../../injection/endpoint.ts'
import { apply } from '../../injection/patch.ts'
import { isConnected, readPod } from '../../injection/podFacts.ts'
import { readTenant } from '../../injection/tenantFacts.ts'
import { kesVariables, type KesVariable } from '../../minio/environment.ts'
import { operatorRunsKes, tenantKind } from '../../minio/tenant.ts'
import type { Variable } from '../../minio/variable.ts'
import type { Question } from './request.ts'
import { patchWords } from './patchWords.ts'

/** What the webhook's own decision is about an object, in words, and what MinIO has then. */
export interface Verdict {
  readonly asked: string
  readonly outcome: Decision['outcome']
  readonly reason: Reason
  /** What happened and why. */
  readonly sentence: string
  /** What would be written, a line each. */
  readonly changes: readonly string[]
  readonly notes: readonly string[]
  /** The object as it is afterwards. */
  readonly result: unknown
  readonly connection: ConnectionFacts | undefined
}

/** What MinIO is told of its key server. */
export interface ConnectionFacts {
  readonly keyServer: string
  readonly keyName: string
  /** By name: what MinIO is to be given, where we give it. */
  readonly variables: ReadonlyMap<string, string>
}

/** Asks the very decision that the webhook asks. Pure. */
export function verdictOf({ request, asked }: Question, context: Context): Verdict {
  const decision = decide(request, context)
  const result = decision.outcome === 'inject' ? apply(request.object, decision.operations) : request.object
  const connected = request.kind === tenantKind ? tenantVariables(result, context) : podVariables(result, context)
  return {
    asked,
    outcome: decision.outcome,
    reason: decision.reason,
    sentence: sentenceOf(decision),
    changes: decision.outcome === 'inject' ? patchWords(decision.operations) : [],
    notes: decision.outcome === 'inject' ? decision.notes : [],
    result,
    connection: connected && connectionOf(connected, decision, context),
  }
}

function sentenceOf(decision: Decision): string {
  switch (decision.outcome) {
    case 'inject':
      return injectReasons[decision.reason]
    case 'skip': {
      const known = skipReasons[decision.reason]
      return decision.detail === undefined ? known : `${known} (${decision.detail})`
    }
    case 'deny':
      return `${denyReasons[decision.reason]}: ${decision.sentence}`
  }
}

type Variables = ReadonlyMap<KesVariable, Variable>

function podVariables(pod: unknown, context: Context): Variables | undefined {
  const facts = readPod(pod, context)
  return facts && facts !== 'none' && isConnected(facts) && !facts.usersOwn ? facts.kes : undefined
}

function tenantVariables(tenant: unknown, context: Context): Variables | undefined {
  if (operatorRunsKes(tenant)) return undefined
  const facts = readTenant(tenant, context)
  return facts?.connected ? facts.kes : undefined
}

function connectionOf(variables: Variables, decision: Decision, context: Context): ConnectionFacts {
  const literals = new Map(
    [...variables].flatMap(([which, { literal }]) =>
      literal === undefined ? [] : [[kesVariables[which], literal] as const],
    ),
  )
  const endpoint = literals.get(kesVariables.endpoint) ?? ''
  const named = decision.outcome === 'inject' ? decision.summary : undefined
  return {
    keyServer: keyServerAt(endpoint, context) ?? named?.keyServer ?? endpoint,
    keyName: literals.get(kesVariables.keyName) ?? named?.keyName ?? '',
    variables: literals,
  }
}
