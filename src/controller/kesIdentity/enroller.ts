import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer, KeyServerKind } from '../../api/keyServer.ts'
import type { PairPem } from '../../pki/pair.ts'
import type { Enrolment, Withdrawal } from './observed.ts'

/** An identity with everything that is needed to enrol and try it. */
export interface Enrollee {
  readonly identity: KesIdentity
  readonly keyServer: KeyServer
  readonly pair: PairPem
  /** KES identity of the pair. */
  readonly hex: string
  readonly keyName: string
}

/** An identity that shall not be known any more. It may have been enrolled although its pair, or even its name at KES, is lost. */
export interface Leaver extends Pick<Enrollee, 'identity' | 'keyServer' | 'keyName'> {
  /** Undefined: the kept pair cannot be read, so nobody can try it. */
  readonly pair: PairPem | undefined
  /** KES identity: of the kept pair, or else the recorded one. */
  readonly hex: string | undefined
}

export type EnrolStep = 'writePolicy' | 'assignPolicy'

/** How identities become known to one kind of key server, and unknown again. */
export interface Enroller {
  /**
   * What every replica says of the identity. Where all of them know it and the key is there, a real call with the identity itself is
   * tried on each. A server that does not answer is `unknown`, never an error.
   */
  observe(enrollee: Enrollee): Promise<Enrolment>
  /** Does what `observe` said is missing. Throws KesError. Not called where the enrolment `waitsFor` somebody else. */
  act(step: EnrolStep, enrollee: Enrollee): Promise<void>
  /**
   * What every replica says of an identity that shall go: is anything of it listed, and is a real call with its pair refused on each, on
   * a fresh connection? A server that does not answer is `unknown`, never an error.
   */
  observeWithdrawal(leaver: Leaver): Promise<Withdrawal>
  /** Takes identity and policy away, whatever of them is there. Throws KesError. Not called where the withdrawal `waitsFor` somebody else. */
  withdraw(leaver: Leaver): Promise<void>
}

export type Enrollers = Readonly<Partial<Record<KeyServerKind, Enroller>>>
