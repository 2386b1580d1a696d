import { createHash } from 'node:crypto'
import type { KubeObject, ObjectMeta, Resource } from '../../kube/object.ts'

/** A CertificateRequest of cert-manager (cert-manager.io/v1), as far as it is written and read here. */
export interface CertificateRequest extends KubeObject {
  readonly metadata: ObjectMeta
  readonly spec: {
    /** PEM of the PKCS #10 request, base64. */
    readonly request: string
    readonly duration: string
    readonly isCA: false
    readonly usages: readonly string[]
    readonly issuerRef: { readonly name: string; readonly kind: string; readonly group: string }
  }
  readonly status?: {
    /** PEM, base64: the leaf and what stands behind it. */
    readonly certificate?: string
    /** PEM, base64; some issuers leave it out. */
    readonly ca?: string
    readonly failureTime?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
  }
}

export const certificateRequests: Resource<CertificateRequest> = {
  group: 'cert-manager.io',
  version: 'v1',
  plural: 'certificaterequests',
  kind: 'CertificateRequest',
  namespaced: true,
}

/** How far a request has come. */
export type RequestState =
  | { readonly is: 'pending'; readonly why: string }
  | { readonly is: 'answered'; readonly chainPem: string; readonly authorityPem: string }
  /** It will never be answered: only another request can be. */
  | { readonly is: 'failed'; readonly why: string; readonly at: Date | undefined }

const longestSentence = 300

/** Reads the state by cert-manager's rules: Denied and InvalidRequest are final, and so is Ready=False with the reason Failed. */
export function requestState({ status }: CertificateRequest): RequestState {
  const held = (type: string, value: 'True' | 'False') =>
    status?.conditions?.find((each) => each.type === type && each.status === value)
  const unready = held('Ready', 'False')
  const final =
    held('Denied', 'True') ??
    held('InvalidRequest', 'True') ??
    (unready && ['Failed', 'Denied'].includes(unready.reason ?? '') ? unready : undefined)
  if (final)
    return {
      is: 'failed',
      why: sentence(final.message ?? final.reason ?? final.type),
      at: status?.failureTime === undefined ? undefined : new Date(status.failureTime),
    }
  if (held('Ready', 'True') && status?.certificate !== undefined)
    return { is: 'answered', chainPem: decoded(status.certificate), authorityPem: decoded(status.ca ?? '') }
  if (!held('Approved', 'True')) return { is: 'pending', why: 'the request was not approved yet' }
  return { is: 'pending', why: sentence(unready?.message ?? 'the issuer has not answered yet') }
}

/** Words of another program: one line, not endless. */
const sentence = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ').slice(0, longestSentence)

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

/**
 * A name that the same wish always has, so that a controller that died after asking finds its request again; another wish, and the
 * renewal of what was issued, have another one.
 */
export function requestName(prefix: string, wish: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha256').update(JSON.stringify(wish)).digest('hex').slice(0, 16)
  return `${prefix.slice(0, 200)}-${hash}`
}
