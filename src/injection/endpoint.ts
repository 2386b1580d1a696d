import { keyServerEndpoint } from '../api/names.ts'
import type { Variable } from '../minio/variable.ts'

const workloadName = /^https:\/\/[a-z]+-([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\./

/**
 * The embedded KeyServer that an endpoint belongs to; undefined for endpoints that are not ours.
 *
 * Any KeyServer of this installation counts, not only the one that the namespace names now: whoever changes that
 * annotation must not move a MinIO away from the keys that its data is encrypted with.
 */
export function keyServerAt(endpoint: string, releaseNamespace: string): string | undefined {
  const [, name] = workloadName.exec(endpoint) ?? []
  return name !== undefined && keyServerEndpoint(name, releaseNamespace) === endpoint ? name : undefined
}

export const isOurEndpoint = (variable: Variable | undefined, releaseNamespace: string): boolean =>
  variable?.literal !== undefined && keyServerAt(variable.literal, releaseNamespace) !== undefined
