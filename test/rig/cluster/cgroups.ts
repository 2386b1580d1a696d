import { existsSync, readdirSync, readFileSync, rmdirSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../waiting.ts'

const mountPoint = '/sys/fs/cgroup'
const unified = (): boolean => existsSync(join(mountPoint, 'cgroup.controllers'))
/** What the kubelet wants to find its root in (kubelet, cgroup_manager_linux.go: Exists), as far as the machine has them. */
const wanted = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'systemd', 'hugetlb']

const hierarchies = (): readonly string[] =>
  unified() ? [mountPoint] : readdirSync(mountPoint).map((name) => join(mountPoint, name))

/** Answers the cgroup that holds all of a cluster, as a path below every hierarchy. */
export const cgroupOf = (name: string): string => `/kes-injector-rig-${name}`

// The daemons sit in a leaf of their own: a version 2 cgroup that hands controllers down may hold no process.
const daemons = 'daemons'

function inherit(parent: string, child: string): void {
  // A new cpuset is empty, and nothing can be moved into an empty one (cgroup v1, cpusets.rst).
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (existsSync(join(child, file))) writeFileSync(join(child, file), readFileSync(join(parent, file)))
  }
}

function handDown(folder: string): void {
  const available = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ')
  const asked = available.filter((controller) => wanted.includes(controller)).map((controller) => `+${controller}`)
  writeFileSync(join(folder, 'cgroup.subtree_control'), asked.join(' '))
}

/** Makes a cluster's cgroups and answers the files that a daemon writes `0` into to move itself there. */
export function makeCgroups(name: string): readonly string[] {
  if (unified()) {
    const root = join(mountPoint, cgroupOf(name))
    handDown(mountPoint)
    mkdirSync(join(root, daemons), { recursive: true })
    handDown(root)
    return [join(root, daemons, 'cgroup.procs')]
  }
  return hierarchies()
    .filter((hierarchy) => wanted.some((controller) => hierarchy === join(mountPoint, controller)))
    .map((hierarchy) => {
      const root = join(hierarchy, cgroupOf(name))
      const leaf = join(root, daemons)
      mkdirSync(leaf, { recursive: true })
      if (hierarchy.endsWith('/cpuset')) {
        inherit(hierarchy, root)
        inherit(root, leaf)
      }
      return join(leaf, 'cgroup.procs')
    })
}

/** Answers the roots of a cluster's cgroups that are there. */
export const findCgroups = (name: string): readonly string[] =>
  hierarchies()
    .map((hierarchy) => join(hierarchy, cgroupOf(name)))
    .filter((folder) => existsSync(folder))

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name))
  }
  rmdirSync(folder)
}

/** Removes a cluster's cgroups. The kernel lets go of one only a moment after its last process. */
export async function removeCgroups(name: string): Promise<void> {
  const removed = (): true | undefined => {
    for (const folder of findCgroups(name)) {
      try {
        removeTree(folder)
      } catch {
        return undefined
      }
    }
    return true
  }
  await until(removed, { what: `the cgroups of ${name} to empty`, timeoutMs: 10_000 })
}
