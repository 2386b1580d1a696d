import type { KesIdentity, KesIdentityStatus } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { Found, StoredPair } from '../found.ts'
import type { RealCall } from './realCall.ts'

/** Something that the controller can only wait for, or that a person has to mend. */
export interface Obstacle {
  readonly reason: string
  readonly message: string
}

/** The Secret in the workload's namespace. `foreign`: it is a person's, or another identity's; it is never written over. */
export type HandedOut =
  | { readonly is: 'missing' }
  | { readonly is: 'foreign' }
  /** RBAC does not name it. */
  | { readonly is: 'forbidden' }
  | { readonly is: 'different'; readonly pair: Found<StoredPair> }
  | { readonly is: 'current' }

/** What the key server says about this identity. */
export type Enrolment =
  | { readonly is: 'unknown'; readonly why: string }
  | {
      readonly is: 'known'
      /** Is the policy there, and the one that it must be? */
      readonly policy: boolean
      readonly assigned: boolean
      /** A real `generate` and `decrypt` with the identity itself; undefined: not tried yet. */
      readonly call: RealCall | undefined
      /** Where what is missing is not the controller's to do now: who or what it waits for. */
      readonly waitsFor?: Obstacle
    }

/** What is true about one identity. */
export interface Observed {
  readonly identity: KesIdentity
  readonly status: KesIdentityStatus
  readonly keyServer: KeyServer | undefined
  /** The KeyServer's selector admits this namespace. */
  readonly admitted: boolean
  readonly keyName: string
  /** Why the key's name cannot be used, in a sentence. */
  readonly keyNameProblem: string | undefined
  /** Public certificate of the KeyServer's authority, if it is the one that was recorded: no other is ever trusted or issued from. */
  readonly authorityPem: string | undefined
  /** What clients trust as the authority of the server: `authorityPem`, but for a server that somebody else runs. */
  readonly trustPem: string | undefined
  readonly kept: Found<StoredPair>
  /** KES identity of the kept pair. */
  readonly keptIdentity: string | undefined
  readonly handedOut: HandedOut
  readonly enrolment: Enrolment
}
