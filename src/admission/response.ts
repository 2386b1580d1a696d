import type { Reason, SkipReason } from '../api/reasons.ts'
import { skipReasons } from '../api/reasons.ts'
import type { Decision, Deny, Inject, Skip } from '../injection/decision.ts'
import type { Review } from './review.ts'

/** An AdmissionReview with its response, as the API server wants it: uid, version and kind are those that were asked. */
export interface AnsweredReview {
  readonly apiVersion: string
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    readonly patchType?: 'JSONPatch'
    /** JSON Patch, base64. */
    readonly patch?: string
    readonly status?: { readonly code: number; readonly reason: string; readonly message: string }
    readonly warnings?: readonly string[]
    readonly auditAnnotations: Readonly<Record<string, string>>
  }
}

type Asked = Pick<Review, 'apiVersion' | 'uid'>

/** The answer to a decision. Nobody builds a response by hand. */
export function answer(asked: Asked, decision: Decision): AnsweredReview {
  switch (decision.outcome) {
    case 'inject':
      return patched(asked, decision)
    case 'skip':
      return allowed(asked, decision)
    case 'deny':
      return denied(asked, decision)
  }
}

function patched(asked: Asked, { reason, operations, summary, notes }: Inject): AnsweredReview {
  const { keyServer, keyName } = summary
  const told = `${reason}: connected to KeyServer ${keyServer}${keyName === undefined ? '' : `, key ${keyName}`}`
  return answered(asked, {
    uid: asked.uid,
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
    warnings: [told, ...notes].map(warning),
    auditAnnotations:
      keyName === undefined
        ? { decision: 'inject', reason, 'key-server': keyServer }
        : { decision: 'inject', reason, 'key-server': keyServer, 'key-name': keyName },
  })
}

/** Reasons that somebody at a keyboard should hear of, because nothing was done where they may expect it. */
const told: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'OptedOut',
  'RunningTenant',
  'UserManagedKms',
  'OperatorRunsKes',
  'UnsupportedPlatform',
  'NoClusterDns',
  'Malformed',
])

function allowed(asked: Asked, { reason, detail }: Skip): AnsweredReview {
  const warn = told.has(reason) || (reason === 'NotMinio' && detail !== undefined)
  return answered(asked, {
    uid: asked.uid,
    allowed: true,
    ...(warn ? { warnings: [warning(`${reason}: not connected to KES: ${detail ?? skipReasons[reason]}`)] } : {}),
    auditAnnotations: { ...audit('skip', reason), ...(detail === undefined ? {} : { detail: oneLine(detail, 1000) }) },
  })
}

function denied(asked: Asked, { reason, sentence }: Deny): AnsweredReview {
  return answered(asked, {
    uid: asked.uid,
    allowed: false,
    // The reason of a Status is one of Kubernetes' own words; ours begins the message.
    status: { code: 403, reason: 'Forbidden', message: oneLine(`${reason}: ${sentence}`, 1000) },
    auditAnnotations: audit('deny', reason),
  })
}

const answered = ({ apiVersion }: Asked, response: AnsweredReview['response']): AnsweredReview => ({
  apiVersion,
  kind: 'AdmissionReview',
  response,
})

/** Keys as a label's name part: the API server puts the webhook's name before them and drops keys of another form. */
const audit = (decision: Decision['outcome'], reason: Reason): Readonly<Record<string, string>> => ({
  decision,
  reason,
})

const longestWarning = 120
const warningStart = 'kes-injector: '

// Longer ones are cut by the API server where there are many, and one with a control character is dropped.
const warning = (text: string): string => oneLine(warningStart + text, longestWarning)

const isPlain = (text: string): boolean => /^[ -~]*$/.test(text)

function oneLine(text: string, longest: number): string {
  const clean = isPlain(text) ? text : text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1).toWellFormed()}…`
}
