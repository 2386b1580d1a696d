import type { KeyObject } from 'node:crypto'
import type { KesIdentity, KesIdentityStatus } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { Found, StoredPair } from '../found.ts'
import type { Issuance } from '../issuance/issuer.ts'
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
      /**
       * A real `generate` and `decrypt` with the identity itself; undefined: not tried yet. `configured`: nobody here can call that
       * server, and it cannot start without the configuration that carries the identity.
       */
      readonly call: RealCall | 'configured' | undefined
      /** Where what is missing is not the controller's to do now: who or what it waits for. */
      readonly waitsFor?: Obstacle
      /** Where a person enrols it: what to add to the configuration of KES. */
      readonly byHand?: { readonly policy: string; readonly configuration: string }
    }

/** What the key server still knows of an identity that is being deleted. */
export type Withdrawal =
  | { readonly is: 'unknown'; readonly why: string }
  | {
      readonly is: 'known'
      /** Some replica lists the identity or its policy. */
      readonly listed: boolean
      /** A real call with its pair: `refused` is said only where every replica refused it. */
      readonly call: 'refused' | 'accepted' | 'notTried'
      /** Where it is not the controller's to take away: who or what it waits for. */
      readonly waitsFor?: Obstacle
    }

/** A key pair that is in use already and shall become this identity's. */
export interface Imported {
  readonly key: KeyObject
  /** KES identity of the key. */
  readonly identity: string
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
  /** How far an issuer elsewhere has come; `ours` where our own authority signs. */
  readonly issuance: Issuance
  /** KES identity of the kept pair. */
  readonly keptIdentity: string | undefined
  readonly handedOut: HandedOut
  /** Why `spec.policy` cannot be granted, in a sentence. */
  readonly policyProblem: string | undefined
  /** What `spec.importSecretRef` names; undefined where it names nothing, or the pair is kept already. */
  readonly imported: Found<Imported> | { readonly is: 'forbidden' } | undefined
  /** Whose the imported identity is already, in a few words: an administrator's, or an older KesIdentity's. */
  readonly importedBelongsTo: string | undefined
  /** The Certificate of cert-manager that keeps the Secret which the pair was imported from. */
  readonly importKeptBy?: string | undefined
  readonly enrolment: Enrolment
  /** Undefined while the identity is not being deleted, and where there is no key server to ask. */
  readonly withdrawal: Withdrawal | undefined
}
