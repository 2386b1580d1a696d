import { readdirSync, readFileSync } from 'node:fs'

/** The process of this machine that runs a command in a pod's container: the cgroup names the pod, and no other cluster has its uid. */
export function processOfPod(uid: string, command: string): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // systemd's driver would write underscores; the rig's kubelet uses the plain one.
      if (!readFileSync(`/proc/${name}/cgroup`, 'utf8').includes(uid)) continue
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(command)) return Number(name)
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no process of the pod ${uid} runs ${command}`)
}

const established = '01'

/** How many connections of others are open to a port of a process's network (proc(5): net/tcp, addresses in hexadecimal). */
export function connectionsTo(pid: number, port: number): number {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return ['tcp', 'tcp6']
    .flatMap((family) => readFileSync(`/proc/${pid}/net/${family}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(wanted) && state === established).length
}
