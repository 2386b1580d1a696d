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
  Enrolled: 'does every replica of the key server accept the identity, shown by a real call?',
  Initialized: 'does the key server have its data, and is it the data it was given first?',
  Serving: 'does every replica answer over TLS?',
  KeysPresent: 'does every key that was ever seen, or is declared, exist?',
  Stalled: 'did it stop on purpose, because going on could lose keys?',
  Used: 'did MinIO ever call the key server with it, as far as a stateful KES can tell?',
  DataKeysPredictable: 'does the server hand out data keys that anyone can compute (facts: KES before Go 1.20)?',
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
