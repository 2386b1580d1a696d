import { createPublicKey, type KeyObject } from 'node:crypto'
import { labels } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { writeCertificateRequest } from '../../pki/certificateRequest.ts'
import { spkiDer } from '../../pki/certificateParts.ts'
import type { Usage } from '../../pki/extensions.ts'
import type { StoredPair } from '../found.ts'
import { keyServerLabels } from '../keyServer/material.ts'
import { certificateRequests, requestName, type CertificateRequest } from './certificateRequests.ts'

/** A certificate that a KeyServer's issuer is to sign, for a key that lies in a Secret of ours already. */
export interface Ask {
  readonly keyServer: KeyServer
  /** Names the request, and tells it from the others of this KeyServer: `server`, or the Secret of an identity. */
  readonly purpose: string
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly usages: readonly Usage[]
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly lifetime: string
  readonly stored: StoredPair
}

const usageNames: Readonly<Record<Usage, string>> = { server: 'server auth', client: 'client auth' }

/** DER SubjectPublicKeyInfo of a private key. */
export const spkiOf = (key: KeyObject): Buffer => spkiDer(createPublicKey(key))

/** What is sent to cert-manager; undefined for a KeyServer without `issuerRef`. Pure but for the signature of the request. */
export function requestFor(ask: Ask, releaseNamespace: string): CertificateRequest | undefined {
  const { keyServer, stored, purpose, ...wanted } = ask
  const { issuerRef } = keyServer.spec.certificates
  if (!issuerRef) return undefined
  const { name } = keyServer.metadata
  const wish = { issuerRef, ...wanted, key: spkiOf(stored.key).toString('base64'), follows: stored.fingerprint }
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: certificateRequests.kind,
    metadata: {
      namespace: releaseNamespace,
      name: requestName(`kes-${name}-${purpose}`, wish),
      labels: {
        ...keyServerLabels(name),
        [labels.managedBy]: 'kes-injector',
        [labels.component]: 'certificate-request',
      },
    },
    spec: {
      request: Buffer.from(writeCertificateRequest({ ...wanted, key: stored.key })).toString('base64'),
      duration: `${Math.round(durationMs(wanted.lifetime) / 1000)}s`,
      isCA: false,
      usages: ['digital signature', ...wanted.usages.map((usage) => usageNames[usage])],
      issuerRef,
    },
  }
}
