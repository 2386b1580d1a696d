import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process, told apart from a later one with the same number by when it began (clock ticks since boot) and in which boot. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTicks: string
  readonly boot: string
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Fields 3 (state) and 22 (start time) of `/proc/PID/stat` (proc(5)); the name before them may hold spaces and brackets. */
function stat(pid: number): { readonly state: string; readonly startTicks: string } | undefined {
  const text = read(`/proc/${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields?.[0], fields?.[19]]
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks }
}

/** Answers who runs under this number now, undefined when nobody does. Linux only. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTicks = stat(pid)?.startTicks
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim()
  return startTicks === undefined || boot === undefined ? undefined : { pid, startTicks, boot }
}

/** Whether exactly this process still runs (a zombie does not). */
export function isRunning(known: ProcessIdentity): boolean {
  const now = identify(known.pid)
  return now?.startTicks === known.startTicks && now.boot === known.boot && stat(known.pid)?.state !== 'Z'
}

/** Sends a signal to exactly this process; answers false when it is gone. */
export function signal(known: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(known)) return false
  try {
    return process.kill(known.pid, name)
  } catch {
    return false
  }
}

/** Answers the namespace a process lives in, as the kernel names it (`pid:[4026531836]`). */
export function namespaceOf(pid: number | 'self', kind: 'pid' | 'net'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

/** Answers the numbers of all processes in a namespace. */
export function processesIn(namespace: string, kind: 'pid' | 'net'): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => namespaceOf(pid, kind) === namespace)
}

/** Answers the children of a process. */
export const childrenOf = (pid: number): readonly number[] =>
  (read(`/proc/${pid}/task/${pid}/children`) ?? '').trim().split(' ').filter(Boolean).map(Number)
