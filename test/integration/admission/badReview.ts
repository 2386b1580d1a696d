import { pod, tenant } from '../../fixtures/objects.ts'
import { podRequest, reviewOf, tenantRequest } from '../../fixtures/requests.ts'

/** What a review is answered: an HTTP status that is no 200, or a decision. */
export type Answered = number | { readonly reason: string; readonly allowed?: false; readonly operations?: number }

/** One row of the list of bad inputs (numbers: the project's list of 68), or the reason why it cannot happen here. */
export type BadReview =
  | { readonly row: number; readonly what: string; readonly body: Buffer | string; readonly answer: Answered }
  | { readonly row: number; readonly what: string; readonly notApplicable: string }

/** In texts that a client sends: must come back nowhere. */
export const canary = 'canary-7Q'

export const skip = (reason: string): Answered => ({ reason, operations: 0 })
export const deny = (reason: string): Answered => ({ reason, allowed: false, operations: 0 })
export const inject = (operations: number): Answered => ({ reason: 'Injected', operations })

export const ofPod = (container = {}, spec = {}, annotations = {}, metadata = {}): Buffer =>
  reviewOf(podRequest(pod(container, spec, annotations, metadata)))
export const ofTenant = (spec = {}, annotations = {}): Buffer => reviewOf(tenantRequest(tenant(spec, annotations)))
export const requested = (change: Parameters<typeof podRequest>[1]): Buffer => reviewOf(podRequest(pod(), change))
export const asObject = (object: unknown): Buffer => reviewOf(podRequest(object))
