import { isDeepStrictEqual } from 'node:util'

/** What a plan answers: what the object's status shall say, and the one next action, if there is one. */
export interface Plan<Step, Status> {
  readonly status: Status
  readonly step?: Step
  /** When there is nothing to do: how long until it is worth looking again without being told of a change. */
  readonly recheckMs: number
}

/**
 * One controller: `observe` (I/O: what is true now), `plan` (pure), `act` (I/O: one action).
 *
 * Nothing is remembered between two rounds, so a crash after any action is only another start.
 */
export interface Reconciler<
  Observed extends { readonly status: Status },
  Step extends { readonly do: string },
  Status,
> {
  readonly name: string
  /** `undefined`: the object is gone, or not for this controller. */
  observe(key: string, signal: AbortSignal): Promise<Observed | undefined>
  plan(observed: Observed, now: Date): Plan<Step, Status>
  writeStatus(observed: Observed, status: Status): Promise<void>
  act(step: Step, observed: Observed): Promise<void>
}

/** A bring-up takes about twenty actions; more than this is a plan that does not see what it did. */
const mostSteps = 200

export interface Watcher {
  /** Called after each action that was carried out. */
  acted(controller: string, key: string, step: string): void
}

/**
 * Runs one object to rest: observe, plan, act, and again. Answers after how many milliseconds to look again.
 *
 * The status is written before the step that the same plan asks for: what an action relies on (a recorded fingerprint) is
 * stored before the action happens. Throws whatever observing or acting throws; the caller tries again with backoff.
 */
export async function reconcile<
  Observed extends { readonly status: Status },
  Step extends { readonly do: string },
  Status,
>(
  reconciler: Reconciler<Observed, Step, Status>,
  key: string,
  now: () => Date,
  signal: AbortSignal,
  watcher: Watcher,
): Promise<number | undefined> {
  for (let steps = 0; steps < mostSteps; steps++) {
    signal.throwIfAborted()
    const observed = await reconciler.observe(key, signal)
    if (observed === undefined) return undefined
    const { status, step, recheckMs } = reconciler.plan(observed, now())
    signal.throwIfAborted()
    if (!isDeepStrictEqual(status, observed.status)) await reconciler.writeStatus(observed, status)
    else if (step) {
      await reconciler.act(step, observed)
      watcher.acted(reconciler.name, key, step.do)
    } else return recheckMs
  }
  throw new Error(`${reconciler.name} ${key}: did not come to rest in ${mostSteps} steps`)
}
