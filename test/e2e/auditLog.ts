import { auditLines } from '../fixtures/auditLines.ts'
import type { E2eCluster } from './cluster.ts'

/** One request as the API server logged it (audit.k8s.io/v1 Event), as far as it is read here. */
export interface AuditEvent {
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly resource?: string
    readonly namespace?: string
    readonly name?: string
    readonly subresource?: string
  }
  readonly annotations?: Readonly<Record<string, string>>
}

/** Every request that a ServiceAccount of the release has made since the cluster was started. */
export function requestsOf({ tier }: E2eCluster, account: string): readonly AuditEvent[] {
  const user = `system:serviceaccount:kes-injector:${account}`
  return auditLines(tier.auditLog)
    .filter((line) => line.includes(user))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user: { username } }) => username === user)
}
