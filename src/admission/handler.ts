import { isKeyServerName, keyServerOf, quoted } from '../injection/keyChoice.ts'
import { decide, decideAlone } from '../injection/decide.ts'
import { deny, type Decision } from '../injection/decision.ts'
import type { AdmissionRequest, ContainerImage, Context } from '../injection/context.ts'
import { apply } from '../injection/patch.ts'
import type { ContextSource } from './contextSource.ts'
import { asRefusal, Refusal } from './refusal.ts'
import { answer, type AnsweredReview } from './response.ts'
import { readReview, type Review } from './review.ts'
import { after, guarded, type Soon } from './soon.ts'

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
  /** The KES inside MinIO pods, where a KeyServer names none. */
  readonly sidecarImage: ContainerImage
}

/**
 * The core of the webhook, without HTTP: the bytes of a review to its answer, at once where that needs no live read.
 * Throws or rejects with a `Refusal`, nothing else.
 */
export type Handler = (body: Buffer) => Soon<Answered>

/**
 * Read, gather, decide, check, answer.
 *
 * A defect of ours must not store an object without its settings: whatever goes wrong becomes a `Refusal`, so the API
 * server refuses the request (failurePolicy Fail). A patch is applied here first: one that does not apply would be
 * answered 500 by the API server whatever the failurePolicy says.
 */
export function createHandler(parts: HandlerParts): Handler {
  return (body) =>
    guarded(() => {
      const review = readReview(body)
      return after(decideAlone(review.request) ?? decideWithContext(review.request, parts), (decision) => {
        if (decision.outcome === 'inject') apply(review.request.object, decision.operations)
        return { review, decision, reply: answer(review, decision) }
      })
    }, refuse)
}

function refuse(error: unknown): never {
  throw asRefusal(error)
}

function decideWithContext(request: AdmissionRequest, parts: HandlerParts): Soon<Decision> {
  if (!parts.source.ready()) throw new Refusal('NotReady', 'the namespaces and key servers are not known yet')
  return after(gather(request.namespace, parts), (context) =>
    context
      ? decide(request, context)
      : deny('NotReady', `namespace ${quoted(request.namespace)} is not known. Try again.`),
  )
}

/** A DNS label (RFC 1123): what else a request may name does not exist, and is worth no look-up. */
const isNamespaceName = (name: string): boolean => /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)

/** What is known about a namespace; undefined where there is no such namespace. */
const gather = (name: string, { source, releaseNamespace, sidecarImage }: HandlerParts): Soon<Context | undefined> =>
  guarded(
    () =>
      after(isNamespaceName(name) ? source.namespace(name) : undefined, (namespace): Soon<Context | undefined> => {
        if (!namespace) return undefined
        const wanted = keyServerOf(namespace)
        const found = isKeyServerName(wanted) ? source.keyServer(wanted) : undefined
        return after(found, (keyServer) => ({
          namespace,
          keyServer: keyServer ?? 'unknown',
          releaseNamespace,
          sidecarImage,
        }))
      }),
    (cause) => {
      throw new Refusal('NotReady', 'the namespace and its key server cannot be read now', { cause })
    },
  )
