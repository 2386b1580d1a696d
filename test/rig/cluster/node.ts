import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from '../command.ts'
import type { Daemon } from '../controlPlane/daemons.ts'
import { RigError } from '../rigError.ts'
import { makeCgroups } from './cgroups.ts'
import type { Holder } from './holder.ts'

/** Runs things inside a node. */
export interface Node {
  /** Answers the command line that runs another in all of the node's namespaces: its mounts, processes and network. */
  readonly inside: (command: readonly string[]) => readonly string[]
  /** Answers the command line that runs another on the host's files but in the node's network, with the cluster's DNS. */
  readonly inNetwork: (command: readonly string[]) => readonly string[]
  readonly start: (daemon: Daemon, network?: 'node' | 'host') => Promise<void>
  /** Kills a daemon, and answers when it is gone. */
  readonly kill: (name: string) => Promise<void>
  /** Starts a daemon again that `start` has started before; one that runs is killed first. Answers before it is ready. */
  readonly restart: (name: string) => Promise<void>
  /** Answers what a daemon last wrote if it has ended, undefined while it runs. */
  readonly ended: (name: string) => string | undefined
}

export interface NodeRequest {
  readonly name: string
  readonly folder: string
  readonly logFolder: string
  readonly holder: Holder
}

// The shell that waits stays in the node, so it ends with it, and leaves a file when the daemon ends.
const daemonScript = `set -e
log=$1 mark=$2 groups=$3; shift 3
for group in $groups; do echo 0 > "$group"; done
cd /
rm -f "$mark.ended"
( setsid "$@" >> "$log" 2>&1 < /dev/null & daemon=$!; echo $daemon > "$mark.pid"; wait $daemon || :; : > "$mark.ended" ) > /dev/null 2>&1 < /dev/null &
while ! [ -s "$mark.pid" ]; do sleep 0.01; done
`
const killScript = `kill -9 "$(cat "$1.pid")"
until [ -e "$1.ended" ]; do sleep 0.02; done
rm -f "$1.pid"
`
const inNetworkScript = `resolv=$1; shift
mount --bind "$resolv" "$(readlink -f /etc/resolv.conf)"
exec "$@"
`

export function nodeOf({ name, folder, logFolder, holder }: NodeRequest): Node {
  const target = String(holder.process.pid)
  const cgroups = makeCgroups(name)
  const marks = join(folder, 'daemons')
  mkdirSync(marks)
  const enter = (network: 'node' | 'host'): readonly string[] => {
    return ['nsenter', '-t', target, '-m', '-p', '-u', '-i', ...(network === 'node' ? ['-n'] : []), '--']
  }
  const inside = (command: readonly string[]): readonly string[] => [...enter('node'), ...command]
  const execute = ([program = '', ...args]: readonly string[]): Promise<string> => run(program, args)
  const known = new Map<string, () => Promise<void>>()
  const hasEnded = (daemon: string): boolean => existsSync(join(marks, `${daemon}.ended`))
  const kill = async (daemon: string): Promise<void> => {
    await execute(inside(['sh', '-c', killScript, 'kill', join(marks, daemon)]))
  }
  return {
    inside,
    inNetwork: (command) => {
      const apart = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', inNetworkScript, 'in-network']
      return ['nsenter', '-t', target, '-n', '--', ...apart, join(folder, 'resolv.conf'), ...command]
    },
    start: async (daemon, network = 'node') => {
      const log = join(logFolder, `${daemon.name}.log`)
      const shell = ['sh', '-c', daemonScript, 'start', log, join(marks, daemon.name), cgroups.join(' ')]
      const start = async (): Promise<void> => {
        await execute([...enter(network), ...shell, daemon.program, ...daemon.args])
      }
      known.set(daemon.name, start)
      await start()
    },
    kill,
    restart: async (daemon) => {
      if (!hasEnded(daemon)) await kill(daemon)
      const start = known.get(daemon)
      if (!start) throw new RigError('StartFailed', `${daemon} was never started here`)
      await start()
    },
    ended: (daemon) => {
      if (!hasEnded(daemon)) return undefined
      const log = readFileSync(join(logFolder, `${daemon}.log`), 'utf8')
      return `${daemon} ended:\n${log.trimEnd().split('\n').slice(-8).join('\n')}`
    },
  }
}

/** Whether a command inside the node succeeds. */
export async function succeeds(command: readonly string[]): Promise<boolean> {
  const [program = '', ...args] = command
  return (await attempt(program, args)).code === 0
}
