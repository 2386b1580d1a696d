import { existsSync } from 'node:fs'
import { run } from '../command.ts'
import type { Report } from '../report.ts'
import { RigError } from '../rigError.ts'

/** What a node needs from the distribution: each package, and a file that tells whether it is there. */
const packages: Readonly<Record<string, string>> = {
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  iptables: '/usr/sbin/iptables',
  conntrack: '/usr/sbin/conntrack',
  ebtables: '/usr/sbin/ebtables',
  ipset: '/usr/sbin/ipset',
  nftables: '/usr/sbin/nft',
  iproute2: '/sbin/ip',
  socat: '/usr/bin/socat',
  'busybox-static': '/bin/busybox',
  'ca-certificates': '/etc/ssl/certs/ca-certificates.crt',
}

export const containerd = '/usr/bin/containerd'
export const cniPlugins = '/usr/lib/cni'

/** Answers in one line why no cluster can run here, undefined when one can. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux') return 'a cluster needs Linux: its node is made of namespaces'
  if (process.getuid?.() !== 0) return 'a cluster needs root: its node mounts, and makes namespaces and cgroups'
  const missing = missingPackages()
  if (missing.length > 0 && !existsSync('/usr/bin/apt-get'))
    return `missing, and no apt-get here: ${missing.join(', ')}`
  return undefined
}

const missingPackages = (): readonly string[] =>
  Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : name))

/** Installs the Debian packages that are missing. Throws `NotPossibleHere`. */
export async function installPackages(report: Report): Promise<void> {
  const why = whyNoCluster()
  if (why !== undefined) throw new RigError('NotPossibleHere', why)
  const missing = missingPackages()
  if (missing.length === 0) return
  report(`apt-get install ${missing.join(' ')}`)
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-q'], { environment })
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { environment })
}
