import type { AdmissionRequest } from '../injection/context.ts'
import { isObject, member, memberAt, textAt } from '../minio/shape.ts'
import { parseJson } from './json.ts'
import { Refusal } from './refusal.ts'

export type ReviewVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1'

/** One review, read. */
export interface Review {
  /** The version to answer in: the one that was asked in. */
  readonly apiVersion: ReviewVersion
  readonly uid: string
  readonly request: AdmissionRequest
}

const versions: readonly string[] = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] satisfies ReviewVersion[]

const isVersion = (text: string | undefined): text is ReviewVersion => text !== undefined && versions.includes(text)

/** Kubernetes' uids are UUIDs; anything longer or stranger is not echoed, and never logged. */
const uidPattern = /^[A-Za-z0-9._:-]{1,128}$/

/**
 * Reads the body of a review (admission.k8s.io v1 and v1beta1).
 *
 * Throws `BadRequest` for what is no review at all. What is a review of something strange comes through: deciding about
 * it is the decision's affair. A `response` in it is not looked at.
 */
export function readReview(body: Buffer): Review {
  const review = parseJson(body)
  if (!isObject(review)) throw new Refusal('BadRequest', 'the body is not a JSON object')
  if (textAt(review, 'kind') !== 'AdmissionReview') throw new Refusal('BadRequest', 'kind must be AdmissionReview')
  const apiVersion = textAt(review, 'apiVersion')
  if (!isVersion(apiVersion)) throw new Refusal('BadRequest', `apiVersion must be one of ${versions.join(', ')}`)
  const request = member(review, 'request')
  if (!isObject(request)) throw new Refusal('BadRequest', 'request is missing')
  const uid = textAt(request, 'uid')
  if (uid === undefined || !uidPattern.test(uid)) throw new Refusal('BadRequest', 'request.uid is not a uid')
  return {
    apiVersion,
    uid,
    request: {
      operation: textAt(request, 'operation') ?? '',
      group: textAt(request, 'resource', 'group') ?? '',
      resource: textAt(request, 'resource', 'resource') ?? '',
      kind: textAt(request, 'kind', 'kind') ?? '',
      subResource: textAt(request, 'subResource') ?? '',
      namespace: textAt(request, 'namespace') ?? '',
      name: nameOf(request),
      object: member(request, 'object'),
      oldObject: member(request, 'oldObject'),
    },
  }
}

// The request's name is empty with generateName, and then there is none yet.
const nameOf = (request: unknown): string =>
  textAt(request, 'name') || (textAt(memberAt(request, 'object'), 'metadata', 'name') ?? '')
