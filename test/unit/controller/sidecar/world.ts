import type { KesIdentity } from '../../../../src/api/kesIdentity.ts'
import type { KeyServer } from '../../../../src/api/keyServer.ts'
import { policiesOf } from '../../../../src/controller/sidecar/configuration.ts'
import type { Observed } from '../../../../src/controller/sidecar/observed.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { newAuthority } from '../pairs.ts'

export const authority = newAuthority()
export const hex = (digit: string): string => digit.repeat(64)

export const inPods = (server: object = {}): KeyServer =>
  keyServer({
    stateful: undefined,
    server: { placement: 'Sidecar', keystoreSecretRef: { name: 'my-vault' }, ...server },
  })

/** An identity whose key pair is there. */
export const issued = (digit: string, metadata: Partial<KesIdentity['metadata']> = {}): KesIdentity => ({
  ...kesIdentity({}, metadata),
  status: { identity: hex(digit) },
})

export const keystore = { vault: { endpoint: 'https://vault.example:8200', approle: { id: 'a', secret: 'b' } } }

/** A namespace with one identity, for which nothing was written yet. */
export const fresh: Observed = {
  namespace: 'team-a',
  keyServer: inPods(),
  authorityPem: authority.certificatePem,
  keystore: { is: 'usable', kind: 'vault', keystore, files: {} },
  inUse: true,
  policies: policiesOf(inPods(), [issued('a')]),
  secret: { is: 'missing' },
  status: undefined,
}
