import type { Condition, ConditionType } from '../../../../src/api/conditions.ts'
import type { KeyServerStatus } from '../../../../src/api/keyServer.ts'
import { found } from '../../../../src/controller/found.ts'
import type { AdminFacts, Observed } from '../../../../src/controller/stateful/observed.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { plan } from '../../../../src/controller/stateful/plan.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { keyServer } from '../keyServers.ts'
import { authorityFacts, newAuthority, now, storedLeaf } from '../pairs.ts'

const dnsNames = ['kes-default.kes-system.svc']
export const authority = newAuthority()
export const serverPair = storedLeaf(authority, { usages: ['server'], dnsNames })
export const admin = (): AdminFacts => {
  const pair = storedLeaf(authority)
  return { identity: identityOfSpki(pair.spki), pair }
}
export const [systemAdmin, enclaveAdmin] = [admin(), admin()]
export const kesStartedAt = '2025-12-31T00:00:02.000Z'
export const initializedAt = '2025-12-31T00:00:00.000Z'

/** Every Secret and workload is there and the server answers with its keys; nothing of it is recorded. */
export const unrecorded: Observed = {
  keyServer: keyServer(),
  status: {},
  endpoint: 'https://kes-default.kes-system.svc:7373',
  dnsNames,
  image: 'registry/kes-stateful:1',
  existing: undefined,
  authority: found(authorityFacts(authority)),
  unsealKey: found('unseal-1'),
  markedAt: undefined,
  systemAdmin: found(systemAdmin),
  enclaveAdmin: found(enclaveAdmin),
  serverCertificate: found(serverPair),
  issuance: { is: 'ours' },
  initConfig: false,
  service: 'current',
  statefulSet: 'current',
  networkPolicy: 'current',
  pod: { name: 'kes-default-0', ip: '10.0.0.9', startedAt: '2025-12-31T00:00:01Z', problem: undefined },
  podStuck: false,
  mountedBy: undefined,
  server: {
    is: 'answering',
    keys: [checkKey, 'team-a_minio'],
    certificateNotAfter: serverPair.notAfter,
    startedAt: kesStartedAt,
    predictableDataKeys: undefined,
  },
  wantedKeys: ['team-a_minio'],
}

export const told = (observed: Observed, at: Date = now): Observed => ({
  ...observed,
  status: plan(observed, at).status,
})
/** As it is once everything was recorded. */
export const settled: Observed = told({
  ...unrecorded,
  status: { initializedAt },
  markedAt: initializedAt,
  server: { ...unrecorded.server, predictableDataKeys: false } as Observed['server'],
})

export const but = (difference: Partial<Observed>, base: Observed = settled): Observed => ({ ...base, ...difference })
export const fresh = (difference: Partial<Observed>): Observed =>
  but({ server: { is: 'absent' }, ...difference }, unrecorded)
export const step = (observed: Observed, at: Date = now) => plan(observed, at).step
export const condition = (observed: Observed, type: ConditionType, at: Date = now): Condition | undefined =>
  plan(observed, at).status.conditions?.find((each) => each.type === type)
export const answering = (keys: readonly string[], more: object = {}): Observed['server'] => ({
  is: 'answering',
  keys,
  certificateNotAfter: serverPair.notAfter,
  startedAt: kesStartedAt,
  predictableDataKeys: undefined,
  ...more,
})
export const without = (...fields: (keyof KeyServerStatus)[]): KeyServerStatus =>
  Object.fromEntries(Object.entries(settled.status).filter(([name]) => !fields.includes(name as never)))
