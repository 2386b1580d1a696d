import { isAfterStateful } from '../../kes/release.ts'
import type { Found } from '../found.ts'
import type { Existing, Observed } from './observed.ts'

/** Something that was asked for and is not done, because it would end in a loss. What runs goes on running. */
export interface Refusal {
  readonly reason: 'UpgradeRefused' | 'TakeOverRefused' | 'VolumeInUse'
  readonly message: string
}

type Rule = (observed: Observed) => Refusal | undefined

// A KES of 2023-09-28 or later cannot read the volume, and there is no route by which keys leave the former one (facts: KES H.11).
const upgradeRefused: Rule = ({ image }) =>
  isAfterStateful(image)
    ? {
        reason: 'UpgradeRefused',
        message:
          `the image ${image} is a KES without stateful mode (2023-09-28 and later): it cannot read the volume. Nothing was changed. ` +
          'Set spec.stateful.image back to a KES of v0.20.0 to 2023-08-19; new data can go to a second KeyServer with spec.server',
      }
    : undefined

/** What must be there before it was copied once; later its source may go. */
function lacking({ status, authority, unsealKey, enclaveAdmin, systemAdmin }: Observed, existing: Existing) {
  const due = (kept: Found<unknown>, recorded: unknown): boolean => kept.is === 'missing' && recorded === undefined
  const sources: readonly [string, Found<unknown> | 'notGiven', boolean][] = [
    ['unsealSecretRef', existing.unsealKey, due(unsealKey, status.unsealKey)],
    ['adminSecretRef', existing.enclaveAdmin, due(enclaveAdmin, status.admin)],
    ['systemAdminSecretRef', existing.systemAdmin, due(systemAdmin, status.admin)],
    ['importAuthority', existing.authority, due(authority, status.authority)],
  ]
  return sources.find(([, source, needed]) => needed && source !== 'notGiven' && source.is !== 'found')
}

const takeOverRefused: Rule = (observed) => {
  const [field, source] = (observed.existing && lacking(observed, observed.existing)) ?? []
  if (field === undefined || source === undefined || source === 'notGiven') return undefined
  return {
    reason: 'TakeOverRefused',
    message: `the Secret in spec.stateful.existing.${field} ${source.is === 'broken' ? `cannot be used: ${source.why}` : 'is not there'}. Nothing was changed`,
  }
}

// KES has no lock file: a second process on the volume would serve stale policies and could replace what the first one writes.
const volumeInUse: Rule = ({ mountedBy }) =>
  mountedBy === undefined
    ? undefined
    : {
        reason: 'VolumeInUse',
        message: `the pod ${mountedBy} has the volume: KES is not started beside it. Stop that pod, for good if it runs a KES`,
      }

const rules: readonly Rule[] = [upgradeRefused, takeOverRefused, volumeInUse]

/** The first refusal there is, or undefined. */
export function refusal(observed: Observed): Refusal | undefined {
  for (const rule of rules) {
    const answer = rule(observed)
    if (answer) return answer
  }
  return undefined
}
