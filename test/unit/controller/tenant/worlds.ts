import type { StoredPair } from '../../../../src/controller/found.ts'
import { found, missing } from '../../../../src/controller/found.ts'
import type { Handed, Observed } from '../../../../src/controller/tenant/observed.ts'
import { plan } from '../../../../src/controller/tenant/plan.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { authorityFacts, newAuthority, now, storedLeaf } from '../pairs.ts'

export const authority = newAuthority()
export const dnsNames = ['store-kes-hl-svc', 'store-kes-hl-svc.team-a.svc.cluster.local']
export const client = storedLeaf(authority)
export const server = storedLeaf(authority, { usages: ['server'], dnsNames })
export const identity = identityOfSpki(client.spki)

export const handed = (pair: StoredPair, authorityPem: string | undefined = authority.certificatePem): Handed => ({
  is: 'ours',
  pair: found(pair),
  authorityPem,
})

/** Nothing but a Tenant that was just created. */
export const fresh: Observed = {
  namespace: 'team-a',
  optedIn: true,
  dnsNames,
  certificates: { authority: '43800h', server: '2160h', client: '2160h', renewAt: 0.667 },
  status: {},
  authority: missing,
  client: missing,
  clientIdentity: undefined,
  handedClient: { is: 'missing' },
  handedServer: { is: 'missing' },
}

const complete: Observed = {
  ...fresh,
  authority: found(authorityFacts(authority)),
  client: found(client),
  clientIdentity: identity,
  handedClient: handed(client),
  handedServer: handed(server, undefined),
}

/** All is there and recorded. */
export const settled: Observed = { ...complete, status: plan(complete, now).status }
