import type { KeyServerFacts, NamespaceFacts } from '../injection/context.ts'
import type { Soon } from './soon.ts'

/** Where a review's surroundings come from: caches that a watch fills, and one live read with a short deadline on a miss. */
export interface ContextSource {
  /** Undefined where the namespace does not exist; rejects where that cannot be known now. */
  namespace(name: string): Soon<NamespaceFacts | undefined>
  /** Undefined where the KeyServer does not exist; rejects where that cannot be known now. */
  keyServer(name: string): Soon<KeyServerFacts | undefined>
  /** Whether the caches hold what there is. */
  ready(): boolean
}
