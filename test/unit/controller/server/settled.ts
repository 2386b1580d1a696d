import type { Observed, Replica } from '../../../../src/controller/server/observed.ts'
import { tokenOf } from '../../../../src/controller/server/observed.ts'
import { claims } from '../../../../src/controller/server/conditions.ts'
import { recorded } from '../../../../src/controller/server/record.ts'
import { keyServer } from '../keyServers.ts'
import { authorityFacts, newAuthority, now, storedLeaf } from '../pairs.ts'

export const authority = newAuthority()
const dnsNames = ['kes-default.kes-system.svc']
const facts = authorityFacts(authority)
const wanted = { hash: 'aaaaaaaaaaaa', keystoreHash: 'kkkkkkkkkkkk' }

export const spec = { stateful: undefined, server: { replicas: 2, keystoreSecretRef: { name: 'vault' } } }

const serverCertificate = { is: 'found', value: storedLeaf(authority, { usages: ['server'], dnsNames }) } as const
const token = tokenOf({ written: { ...wanted, differs: false }, serverCertificate })

export const replica = (ordinal: number): Replica => ({
  pod: `kes-default-${ordinal}`,
  facts: { name: `kes-default-${ordinal}`, ip: `10.0.0.${ordinal}`, startedAt: now.toISOString(), problem: undefined },
  told: token,
  stuck: false,
  server: {
    is: 'answering',
    version: 'v0.24.0',
    keystoreReachable: true,
    loaded: wanted.hash,
    certificateNotAfter: serverCertificate.value.notAfter,
  },
})

/** A replica that says something else. */
export const saying = (ordinal: number, more: object): Replica => {
  const one = replica(ordinal)
  return { ...one, server: { ...one.server, ...more } }
}

const keys = ['kes-injector-check', 'team-a_minio']
const bare: Observed = {
  keyServer: keyServer(spec),
  status: {
    authority: { fingerprint: facts.fingerprint, notAfter: facts.notAfter.toISOString(), generation: 1 },
    initializedAt: now.toISOString(),
    keys,
  },
  endpoint: 'https://kes-default.kes-system.svc:7373',
  dnsNames,
  authority: { is: 'found', value: facts },
  admin: { is: 'found', value: storedLeaf(authority) },
  serverCertificate,
  issuance: { is: 'ours' },
  keystore: { is: 'good', kind: 'vault' },
  wanted,
  written: { ...wanted, differs: false },
  service: 'current',
  statefulSet: 'current',
  budget: 'current',
  networkPolicy: 'current',
  replicas: [replica(0), replica(1)],
  keys: { present: keys, absent: [] },
  wantedKeys: ['team-a_minio'],
  refusedKeys: [],
  leftOut: [],
}

const record = recorded(bare, now)

/** A key server with nothing left to do, and a status that says so. */
export const settled: Observed = { ...bare, status: { ...record, conditions: claims(bare, record, undefined, now) } }
