import type { KeyServer } from '../../api/keyServer.ts'
import type { Enroller } from './enroller.ts'

/** The enroller of a current KES, by where it runs: in pods of its own, or inside MinIO pods. */
export function byPlacement(enrollers: Readonly<Record<'Service' | 'Sidecar', Enroller>>): Enroller {
  const of = ({ keyServer }: { readonly keyServer: KeyServer }) =>
    enrollers[keyServer.spec.server?.placement ?? 'Service']
  return {
    observe: (enrollee) => of(enrollee).observe(enrollee),
    act: (step, enrollee) => of(enrollee).act(step, enrollee),
    observeWithdrawal: (leaver) => of(leaver).observeWithdrawal(leaver),
    withdraw: (leaver) => of(leaver).withdraw(leaver),
  }
}
