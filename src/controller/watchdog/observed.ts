import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'

/** A MinIO pod that was connected and runs. */
export interface RunningPod {
  readonly name: string
  readonly since: Date
}

/** One identity that was handed out, and who used it. */
export interface Watched {
  readonly identity: KesIdentity
  /** When a call of another than the controller was last heard, since the log is followed. */
  readonly seenAt: Date | undefined
  /** Connected pods of its namespace; undefined where that was not looked at, because it need not be. */
  readonly pods: readonly RunningPod[] | undefined
}

/** What is true about the users of one stateful key server. */
export interface Observed {
  readonly keyServer: KeyServer
  /** Since when its audit log is followed without a gap. */
  readonly followedSince: Date | undefined
  readonly watched: readonly Watched[]
  readonly status: undefined
}
