import { isApiError } from '../../kube/apiError.ts'
import type { Client } from '../../kube/client.ts'
import { checkChain, type Answered, type Chain } from '../../pki/chain.ts'
import { PkiError } from '../../pki/pkiError.ts'
import { requestFor, spkiOf, type Ask } from './ask.ts'
import { certificateRequests, requestState } from './certificateRequests.ts'

/** How far an issuer has come with what it is asked. */
export type Issuance =
  /** An authority of our own signs at once: there is nobody to ask. */
  | { readonly is: 'ours' }
  | { readonly is: 'none' }
  | { readonly is: 'pending'; readonly why: string }
  | { readonly is: 'issued'; readonly chain: Chain }
  | { readonly is: 'refused'; readonly why: string; readonly at: Date | undefined }

/** Where certificates come from that an authority elsewhere signs. */
export interface Issuer {
  observe(ask: Ask): Promise<Issuance>
  /** Asks. Somebody who asked the same before is no error. */
  request(ask: Ask): Promise<void>
  /** Takes a request away: it was answered and used, or will never be answered. */
  drop(ask: Ask): Promise<void>
}

/** cert-manager, by its CertificateRequests in the release namespace. Keys stay in our Secrets: only their public half is sent. */
export function certManager(client: Client, releaseNamespace: string, now: () => Date): Issuer {
  const refOf = (ask: Ask) => {
    const wanted = requestFor(ask, releaseNamespace)
    return wanted && { namespace: releaseNamespace, name: wanted.metadata.name }
  }

  function checked(ask: Ask, { chainPem, authorityPem }: Answered, at: Date | undefined): Issuance {
    try {
      return {
        is: 'issued',
        chain: checkChain({ chainPem, authorityPem }, { ...ask, spki: spkiOf(ask.stored.key) }, now()),
      }
    } catch (error) {
      if (error instanceof PkiError) return { is: 'refused', why: `what it issued is of no use: ${error.message}`, at }
      throw error
    }
  }

  return {
    async observe(ask) {
      const ref = refOf(ask)
      if (!ref) return { is: 'ours' }
      try {
        const request = await client.get(certificateRequests, ref)
        if (!request) return { is: 'none' }
        const state = requestState(request)
        const { creationTimestamp } = request.metadata
        const askedAt = creationTimestamp === undefined ? undefined : new Date(creationTimestamp)
        if (state.is === 'answered') return checked(ask, state, askedAt)
        return state.is === 'failed' ? { is: 'refused', why: state.why, at: state.at ?? askedAt } : state
      } catch (error) {
        if (isApiError(error, 'NotFound'))
          return { is: 'refused', why: 'cert-manager is not installed here', at: undefined }
        throw error
      }
    },
    async request(ask) {
      const wanted = requestFor(ask, releaseNamespace)
      if (!wanted) return
      try {
        await client.create(certificateRequests, wanted)
      } catch (error) {
        if (!isApiError(error, 'AlreadyExists')) throw error
      }
    },
    async drop(ask) {
      const ref = refOf(ask)
      if (ref) await client.delete(certificateRequests, ref)
    },
  }
}
