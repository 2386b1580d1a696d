import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf, identify, namespaceOf, type ProcessIdentity } from '../processIdentity.ts'
import { RigError } from '../rigError.ts'
import { until } from '../waiting.ts'
import { network, resolvConf } from './network.ts'

/** The first process of a node's namespaces. When it ends the kernel ends all that lives in them and drops every mount. */
export interface Holder {
  readonly process: ProcessIdentity
  /** The unshare(1) that made it and dies with it. */
  readonly parent: ProcessIdentity
  readonly pidNamespace: string
}

export interface HolderRequest {
  readonly folder: string
  readonly logFolder: string
  readonly pause: string
  /** Whether the node goes on when this process is gone. */
  readonly keep: boolean
  /** Told who must be ended to end all, before there is anything to end. */
  readonly onStart: (parent: ProcessIdentity) => void
}

/** What the kubelet sets for the whole machine and can't be kept from setting: it finds its values there already. */
const kubeletSysctls = { 'vm/overcommit_memory': 1, 'kernel/panic': 10, 'kernel/panic_on_oops': 1 }

const script = (folder: string, pause: string): string => `set -e
# Own /run, /var/lib and /var/log: every default path of containerd, CNI and the kubelet is this node's alone.
# All this before make-rshared, else each pod's mount would appear twice.
resolv=$(readlink -f /etc/resolv.conf || echo /etc/resolv.conf)
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock "$(dirname "$resolv")"
[ -e "$resolv" ] || : > "$resolv"
mount --bind '${folder}/resolv.conf' "$resolv"
mount --bind '${folder}/var-lib' /var/lib
mount --bind '${folder}/var-log' /var/log
${Object.keys(kubeletSysctls)
  .map((name) => `mount --bind '${folder}/sysctl/${name.replace('/', '_')}' /proc/sys/${name}`)
  .join('\n')}
mount --make-rshared /
echo ${network.nodeName} > /proc/sys/kernel/hostname
ip link set lo up
# A bridge holds the node's address because not every kernel has dummy interfaces.
ip link add node0 type bridge
ip address add ${network.nodeAddress}/24 dev node0
ip link set node0 up
# Nobody answers there, but without a default route the node finds no way to a Service's address.
ip route add default via ${network.gateway} dev node0
echo 1 > /proc/sys/net/ipv4/ip_forward
: > '${folder}/holder.ready'
exec '${pause}'
`

/** Makes a node's namespaces and what is in them before any daemon. Throws `StartFailed` with what the script said. */
export async function startHolder({ folder, logFolder, pause, keep, onStart }: HolderRequest): Promise<Holder> {
  for (const name of ['var-lib', 'var-log', 'sysctl']) mkdirSync(join(folder, name))
  for (const [name, value] of Object.entries(kubeletSysctls)) {
    writeFileSync(join(folder, 'sysctl', name.replace('/', '_')), `${value}\n`)
  }
  writeFileSync(join(folder, 'resolv.conf'), resolvConf)
  const inner = join(folder, 'holder.sh')
  writeFileSync(inner, script(folder, pause))

  const namespaces = [
    '--net',
    '--mount',
    '--pid',
    '--uts',
    '--ipc',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
    '--mount-proc',
  ]
  const unshare = ['unshare', ...namespaces, 'sh', inner]
  const leashed = keep ? unshare : ['setpriv', '--pdeathsig', 'KILL', ...unshare]
  const log = join(logFolder, 'holder.log')
  const output = openSync(log, 'a')
  const child = spawn(leashed[0] ?? '', leashed.slice(1), { detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  child.unref()
  const parent = identify(child.pid ?? 0)
  if (parent) onStart(parent)

  await until(() => existsSync(join(folder, 'holder.ready')) || undefined, {
    what: "the node's namespaces",
    timeoutMs: 10_000,
    everyMs: 10,
    hopeless: () => (child.exitCode === null && child.signalCode === null ? undefined : readFileSync(log, 'utf8')),
  })
  const first = identify(childrenOf(child.pid ?? 0)[0] ?? 0)
  const pidNamespace = first && namespaceOf(first.pid, 'pid')
  if (!parent || !first || pidNamespace === undefined || pidNamespace === namespaceOf('self', 'pid')) {
    throw new RigError('StartFailed', `the node's namespaces are gone again: ${readFileSync(log, 'utf8')}`)
  }
  return { process: first, parent, pidNamespace }
}
