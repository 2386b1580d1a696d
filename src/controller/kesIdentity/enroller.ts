import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer, KeyServerKind } from '../../api/keyServer.ts'
import type { PairPem } from '../../pki/pair.ts'
import type { Enrolment } from './observed.ts'

/** An identity with everything that is needed to enrol and try it. */
export interface Enrollee {
  readonly identity: KesIdentity
  readonly keyServer: KeyServer
  readonly pair: PairPem
  /** KES identity of the pair. */
  readonly hex: string
  readonly keyName: string
}

export type EnrolStep = 'writePolicy' | 'assignPolicy'

/** How identities become known to one kind of key server. */
export interface Enroller {
  /**
   * What every replica says of the identity. Where all of them know it and the key is there, a real call with the identity itself is
   * tried on each. A server that does not answer is `unknown`, never an error.
   */
  observe(enrollee: Enrollee): Promise<Enrolment>
  /** Does what `observe` said is missing. Throws KesError. Not called where the enrolment `waitsFor` somebody else. */
  act(step: EnrolStep, enrollee: Enrollee): Promise<void>
}

export type Enrollers = Readonly<Partial<Record<KeyServerKind, Enroller>>>
