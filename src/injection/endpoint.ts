import { keyServerEndpoint, sidecarEndpoint } from '../api/names.ts'
import type { Variable } from '../minio/variable.ts'
import type { Context, KeyServerFacts } from './context.ts'
import { keyServerOf } from './keyChoice.ts'

/** What it takes to know whose an endpoint is. */
export type Surroundings = Pick<Context, 'namespace' | 'keyServer' | 'releaseNamespace'>

/** Whether KES runs inside each MinIO pod of this KeyServer. */
export const runsInPods = ({ spec }: KeyServerFacts): boolean => spec.server?.placement === 'Sidecar'

/** What a MinIO is told to dial that is connected to the KeyServer of this name now. */
export function endpointNamed(name: string, { keyServer, releaseNamespace }: Surroundings): string {
  const known = keyServer !== 'unknown' && keyServer.name === name ? keyServer : undefined
  if (known && runsInPods(known)) return sidecarEndpoint
  // MinIO takes a list: it goes to the next one where one does not answer.
  return known?.spec.external?.endpoints.join(',') ?? keyServerEndpoint(name, releaseNamespace)
}

/** Whether one of the addresses is that of the KES that somebody else runs: the list may have changed since it was written. */
const isExternal = (endpoint: string, { spec }: KeyServerFacts): boolean =>
  endpoint.split(',').some((each) => spec.external?.endpoints.includes(each))

const workloadName = /^https:\/\/[a-z]+-([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\./

/**
 * The KeyServer that an endpoint belongs to; undefined for endpoints that are not ours.
 *
 * Any embedded KeyServer of this installation counts, not only the one that the namespace names now: whoever changes that annotation
 * must not move a MinIO away from the keys that its data is encrypted with. An address inside the pod says no name: it is the
 * namespace's KeyServer, where that one runs inside pods, or where it is gone and nobody can tell. So is an address of the KES that the
 * namespace's KeyServer says somebody else runs.
 */
export function keyServerAt(
  endpoint: string,
  { namespace, keyServer, releaseNamespace }: Surroundings,
): string | undefined {
  if (endpoint === sidecarEndpoint)
    return keyServer === 'unknown' ? keyServerOf(namespace) : runsInPods(keyServer) ? keyServer.name : undefined
  if (keyServer !== 'unknown' && isExternal(endpoint, keyServer)) return keyServer.name
  const [, name] = workloadName.exec(endpoint) ?? []
  return name !== undefined && keyServerEndpoint(name, releaseNamespace) === endpoint ? name : undefined
}

export const isOurEndpoint = (variable: Variable | undefined, surroundings: Surroundings): boolean =>
  variable?.literal !== undefined && keyServerAt(variable.literal, surroundings) !== undefined
