import { isKeyServerName, keyServerOf } from '../injection/keyChoice.ts'
import { decide, decideAlone } from '../injection/decide.ts'
import { deny, type Decision } from '../injection/decision.ts'
import type { AdmissionRequest, Context } from '../injection/context.ts'
import { apply } from '../injection/patch.ts'
import type { ContextSource } from './contextSource.ts'
import { Refusal } from './refusal.ts'
import { answer, type AnsweredReview } from './response.ts'
import { readReview, type Review } from './review.ts'

/** A review that was answered, for the log and the metrics. */
export interface Answered {
  readonly review: Review
  readonly decision: Decision
  readonly reply: AnsweredReview
}

export interface HandlerParts {
  readonly source: ContextSource
  /** Where the embedded key servers run. */
  readonly releaseNamespace: string
}

/** The core of the webhook, without HTTP: the bytes of a review to its answer. Rejects with a `Refusal`, nothing else. */
export type Handler = (body: Buffer) => Promise<Answered>

/**
 * Read, gather, decide, check, answer.
 *
 * A defect of ours must not store an object without its settings: whatever goes wrong becomes a `Refusal`, so the API
 * server refuses the request (failurePolicy Fail). A patch is applied here first: one that does not apply would be
 * answered 500 by the API server whatever the failurePolicy says.
 */
export function createHandler(parts: HandlerParts): Handler {
  return async (body) => {
    try {
      const review = readReview(body)
      const decision = decideAlone(review.request) ?? (await decideWithContext(review.request, parts))
      if (decision.outcome === 'inject') apply(review.request.object, decision.operations)
      return { review, decision, reply: answer(review, decision) }
    } catch (error) {
      if (error instanceof Refusal) throw error
      throw new Refusal('Internal', 'the review could not be answered', { cause: error })
    }
  }
}

async function decideWithContext(request: AdmissionRequest, parts: HandlerParts): Promise<Decision> {
  if (!parts.source.ready()) throw new Refusal('NotReady', 'the namespaces and key servers are not known yet')
  const context = await gather(request.namespace, parts)
  if (context) return decide(request, context)
  return deny('NotReady', `namespace ${request.namespace} is not known. Try again.`)
}

/** What is known about a namespace; undefined where there is no such namespace. */
async function gather(name: string, { source, releaseNamespace }: HandlerParts): Promise<Context | undefined> {
  try {
    const namespace = await source.namespace(name)
    if (!namespace) return undefined
    const wanted = keyServerOf(namespace)
    const keyServer = isKeyServerName(wanted) ? await source.keyServer(wanted) : undefined
    return { namespace, keyServer: keyServer ?? 'unknown', releaseNamespace }
  } catch (cause) {
    throw new Refusal('NotReady', 'the namespace and its key server cannot be read now', { cause })
  }
}
