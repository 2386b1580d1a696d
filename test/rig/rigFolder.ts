import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { removeCgroups } from './cluster/cgroups.ts'
import { withLock } from './lock.ts'
import { identify, isRunning, signal, type ProcessIdentity } from './processIdentity.ts'
import { RigError } from './rigError.ts'
import { until } from './waiting.ts'

/** What is known about a running control plane or cluster, kept in its folder so that any later process can end it. */
export interface RigState {
  readonly kind: 'controlPlane' | 'cluster'
  readonly name: string
  readonly owner: ProcessIdentity
  /** Goes on when its owner is gone, until somebody ends it. */
  readonly keep: boolean
  readonly ready: boolean
  readonly startedAt: string
  readonly kubeconfig: string
  readonly processes: readonly ProcessIdentity[]
  /** A cluster's PID namespace: all that runs in it is the cluster's. */
  readonly pidNamespace?: string
}

const stateFile = 'rig.json'
/** A folder without a state file belongs to a starter that is about to write one, but not for long. */
const unwrittenMs = 60_000
const namePattern = /^[a-z][a-z0-9-]{0,30}$/

/** Where all control planes and clusters of this user live. */
export const rigsFolder = (): string => join(cacheFolder(), 'rigs')

export function writeState(folder: string, state: RigState): void {
  const unfinished = join(folder, `${stateFile}.tmp`)
  writeFileSync(unfinished, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(unfinished, join(folder, stateFile))
}

/** Answers the state kept in a folder, undefined when there is none. */
export function readState(folder: string): RigState | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, stateFile), 'utf8')) as RigState
  } catch {
    return undefined
  }
}

/** Whether anybody still needs it: its owner lives, or it was kept and its processes live. */
export const isAlive = (state: RigState): boolean =>
  isRunning(state.owner) || (state.keep && state.ready && state.processes.some(isRunning))

/** Ends everything that a folder's state names, then removes its cgroups and the folder. */
export async function removeRig(folder: string): Promise<void> {
  const state = readState(folder)
  if (state) {
    for (const known of state.processes) signal(known, 'SIGKILL')
    // A cluster's first process is gone only when the kernel has ended all others of its PID namespace (pid_namespaces(7)).
    const ended = () => !state.processes.some(isRunning)
    await until(() => ended() || undefined, { what: `the processes of ${state.name} to end`, timeoutMs: 30_000 })
    if (state.kind === 'cluster') await removeCgroups(state.name)
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

export interface FoundRig {
  readonly folder: string
  readonly state: RigState | undefined
}

/** Answers all folders of control planes and clusters, dead or alive. */
export function findRigs(): readonly FoundRig[] {
  mkdirSync(rigsFolder(), { recursive: true, mode: 0o700 })
  return readdirSync(rigsFolder(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(rigsFolder(), name))
    .map((folder) => ({ folder, state: readState(folder) }))
}

/** Removes what starters left behind that were killed. Answers the folders. */
export async function removeLeftovers(): Promise<readonly string[]> {
  const dead = findRigs().filter(({ folder, state }) =>
    state ? !isAlive(state) : Date.now() - statSync(folder).mtimeMs > unwrittenMs,
  )
  for (const { folder } of dead) await removeRig(folder)
  return dead.map(({ folder }) => folder)
}

/** Makes the folder of a new control plane or cluster, after removing what a dead one left there. Throws `AlreadyRunning`. */
export function claimFolder(
  first: Pick<RigState, 'kind' | 'name' | 'keep'>,
  kubeconfig: string,
): Promise<[string, RigState]> {
  if (!namePattern.test(first.name))
    throw new RigError('StartFailed', `${first.name} is no name: ${String(namePattern)}`)
  return withLock(join(rigsFolder(), '.lock'), async () => {
    await removeLeftovers()
    const folder = join(rigsFolder(), first.name)
    const owner = identify(process.pid)
    if (!owner) throw new RigError('NotPossibleHere', 'the rig knows processes by /proc: it needs Linux')
    try {
      mkdirSync(folder)
    } catch (cause) {
      throw new RigError('AlreadyRunning', `${first.name} is already there: npm run rig -- down ${first.name}`, {
        cause,
      })
    }
    const startedAt = new Date().toISOString()
    const state: RigState = {
      ...first,
      owner,
      ready: false,
      startedAt,
      kubeconfig: join(folder, kubeconfig),
      processes: [],
    }
    writeState(folder, state)
    return [folder, state]
  })
}
