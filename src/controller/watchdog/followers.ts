import type { KeyServer } from '../../api/keyServer.ts'
import type { Clock } from '../../kube/clock.ts'
import { KesError } from '../../kes/kesError.ts'
import type { Log } from '../../observe/log.ts'
import type { KesDoor } from '../kesDoor.ts'
import type { Callers } from './callers.ts'

export interface FollowerEdges {
  readonly door: KesDoor
  readonly callers: Callers
  readonly clock: Clock
  readonly log: Log
  /** Aborted: nothing is followed any more. */
  readonly signal: AbortSignal
}

/** Keeps one stream open to the audit log of each key server that it is told of. */
export interface Followers {
  /** Follows it if it is not followed already. A stream that breaks is opened at the next call. */
  follow(keyServer: KeyServer): void
  /** Ends the stream: KES makes calls fail now and then while somebody follows its log (KES v0.22.3 writes it without a lock). */
  leave(keyServer: string): void
}

export function newFollowers({ door, callers, clock, log, signal }: FollowerEdges): Followers {
  const open = new Map<string, AbortController>()

  async function one(keyServer: KeyServer, left: AbortSignal): Promise<void> {
    const { name } = keyServer.metadata
    const admin = keyServer.status?.admin?.enclave
    callers.begins(name, clock.now())
    try {
      await door.followCalls(keyServer, (call) => callers.heard(call, admin), left)
    } catch (error) {
      if (!(error instanceof KesError)) throw error
      log.info('the audit log of a key server is not followed now', { keyServer: name, reason: error.message })
    } finally {
      callers.ends(name)
      open.delete(name)
    }
  }

  return {
    follow(keyServer) {
      const { name } = keyServer.metadata
      if (open.has(name) || signal.aborted) return
      const leaving = new AbortController()
      open.set(name, leaving)
      one(keyServer, AbortSignal.any([signal, leaving.signal])).catch((error: unknown) =>
        log.error('following an audit log failed', { keyServer: name, error }),
      )
    },
    leave: (name) => open.get(name)?.abort(),
  }
}
