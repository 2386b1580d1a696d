/** A condition as Kubernetes' API conventions have it (metav1.Condition). */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly observedGeneration?: number | undefined
  readonly lastTransitionTime: string
}

/** What a reconciler claims; when it became true is kept by `withCondition`. */
export type Claim = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** Condition types of our two kinds, each with the question it answers. */
export const conditionTypes = {
  Ready: 'can it be used as it is?',
  Issued: 'is there a key pair with a valid certificate?',
  Revoked: 'was a deleted identity seen refused by every replica of the key server?',
  Enrolled: 'does every replica of the key server accept the identity, shown by a real call?',
  Initialized: 'does the key server have its data, and is it the data it was given first?',
  Serving: 'does every replica answer over TLS?',
  KeysPresent: 'does every key that was ever seen, or is declared, exist?',
  Stalled: 'did it stop on purpose, because going on could lose keys?',
  Used: 'did MinIO ever call the key server with it, as far as a stateful KES can tell?',
  DataKeysPredictable: 'does the server hand out data keys that anyone can compute (facts: KES before Go 1.20)?',
  KeysWarm: 'has the server loaded every key since its start, one after the other (many at once end a stateful KES)?',
  KeyCreationAllowed: 'may MinIO create keys itself, and so replace one that exists?',
  UnsealKeyNotBackedUp: 'is there no confirmed backup of the unseal key, without which every key is lost?',
  AuthorityEnding: 'is the authority that clients trust in the last third of its life?',
  KeyChangesElsewhere:
    'does somebody else renew the Secret that the pair was imported from, with a new key each time (cert-manager)?',
  CredentialsShared: 'do the credentials of the key store lie in the namespaces that use it (placement Sidecar)?',
  KeystoreValid: 'does the key store section say what KES understands, so that the newest one is used?',
  KeystoreReachable: 'does every replica reach the key management system?',
  ConfigurationLoaded: 'has every replica loaded the newest configuration, with all identities?',
  KeysInClear: 'does the key store hold the keys unencrypted?',
  SingleReplica: 'is there only one replica, so that a restart is a short pause?',
} as const

export type ConditionType = keyof typeof conditionTypes

/** `lastTransitionTime` moves only when `status` does. An equal claim gives back the very same list, so callers can compare by identity. */
export function withCondition(
  conditions: readonly Condition[],
  claim: Claim & { readonly type: ConditionType },
  now: Date,
  observedGeneration?: number,
): readonly Condition[] {
  const former = conditions.find(({ type }) => type === claim.type)
  if (
    former?.status === claim.status &&
    former.reason === claim.reason &&
    former.message === claim.message &&
    former.observedGeneration === observedGeneration
  )
    return conditions
  const lastTransitionTime = former?.status === claim.status ? former.lastTransitionTime : now.toISOString()
  const next: Condition = {
    ...claim,
    lastTransitionTime,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  }
  return former ? conditions.map((each) => (each === former ? next : each)) : [...conditions, next]
}

export const isTrue = (conditions: readonly Condition[] | undefined, type: ConditionType): boolean =>
  conditions?.some((each) => each.type === type && each.status === 'True') ?? false
