import jsonpatch, { type Operation } from 'fast-json-patch'
import { denyReasons, injectReasons, skipReasons } from '../../src/api/reasons.ts'

interface Reply {
  readonly apiVersion?: unknown
  readonly kind?: unknown
  readonly response?: {
    readonly uid?: unknown
    readonly allowed?: unknown
    readonly patchType?: unknown
    readonly patch?: unknown
    readonly warnings?: readonly unknown[]
    readonly status?: { readonly message?: unknown }
    readonly auditAnnotations?: { readonly decision?: unknown; readonly reason?: unknown }
  }
  readonly error?: unknown
}

interface Asked {
  readonly apiVersion: string
  readonly request: { readonly uid: string; readonly object: unknown }
}

/** What a review was answered, checked: its outcome, and the review to ask next where it was patched. */
export interface Judged {
  readonly outcome: string
  readonly again?: Buffer
}

/** HTTP statuses that a review can meet. 500 is none of them: it is a defect of ours. */
const refusals: Readonly<Record<number, readonly string[]>> = { 400: ['BadRequest'], 503: ['NotReady'] }
const innards = /\bat [\w.<>]+ \(|\.m?[jt]s:\d|node:internal|TypeError|RangeError|SyntaxError/
const reasons: Readonly<Record<string, readonly string[]>> = {
  inject: Object.keys(injectReasons),
  skip: Object.keys(skipReasons),
  deny: Object.keys(denyReasons),
}

function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`broken promise: ${promise}`)
}

/** Holds an answer against everything that is promised of answers. Throws with the promise that is broken. */
export function judge(body: Buffer, status: number, text: string): Judged {
  must(!innards.test(text), 'no stack, path or class of error is told')
  const reply = JSON.parse(text) as Reply
  if (status !== 200) {
    must(refusals[status]?.includes(String(reply.error)) ?? false, `a refusal is one of the closed set, not ${status}`)
    return { outcome: `${status}` }
  }
  const asked = JSON.parse(body.toString()) as Asked
  const { response } = reply
  must(reply.kind === 'AdmissionReview' && reply.apiVersion === asked.apiVersion, 'kind and version are the asked ones')
  must(response?.uid === asked.request.uid, 'the uid is the asked one')
  const { decision, reason } = response?.auditAnnotations ?? {}
  must(reasons[String(decision)]?.includes(String(reason)) ?? false, 'decision and reason are of the closed sets')
  must(response?.allowed === (decision !== 'deny'), 'only what is denied is not allowed')
  must((response?.patch === undefined) === (decision !== 'inject'), 'an injection has a patch and nothing else has')
  must((response?.patch === undefined) === (response?.patchType === undefined), 'patch and patchType come together')
  for (const warning of response?.warnings ?? [])
    must(typeof warning === 'string' && /^\P{Cc}{1,120}$/u.test(warning), 'warnings are one short line each')
  if (typeof response?.patch !== 'string') return { outcome: String(reason) }
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[]
  must(operations.length > 0 && operations.length <= 12, 'a patch has few operations')
  // Throws where one does not apply.
  const object = jsonpatch.applyPatch(structuredClone(asked.request.object), operations, true).newDocument
  const again = { ...asked, request: { ...asked.request, object } }
  return { outcome: String(reason), again: Buffer.from(JSON.stringify(again)) }
}

/** An object that was patched and comes again gets no other patch: reinvocation, and the next update. */
export function judgeAgain(body: Buffer, status: number, text: string): void {
  const { outcome, again } = judge(body, status, text)
  must(again === undefined, `what was injected is injected, not ${outcome} again`)
}
