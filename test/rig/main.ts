import { parseArgs } from 'node:util'
import { findCgroups } from './cluster/cgroups.ts'
import { startCluster } from './cluster/cluster.ts'
import { startControlPlane } from './controlPlane/controlPlane.ts'
import { ensureImages } from './images/images.ts'
import { imageNames, type ImageName } from './images/recipes.ts'
import { isRunning, processesIn } from './processIdentity.ts'
import { ensurePrograms, findProgram } from './programs/programs.ts'
import { programName, programNames } from './programs/recipes.ts'
import { timed, toTerminal } from './report.ts'
import { findRigs, isAlive, removeLeftovers, removeRig, type RigState } from './rigFolder.ts'
import { RigError } from './rigError.ts'

const usage = `npm run rig -- COMMAND

  programs [NAME…]     build the real programs once into the cache (all of them without a name)
  images [NAME…]       pack images from them
  up [NAME] [--images NAME,…] [--sync-frequency-ms N]
                       start a cluster of one node that stays until down (Linux, root)
  status [--output json]
  down [NAME…]         end clusters and control planes; without a name what up started and what was left behind
  control-plane        start a control plane without a node; Ctrl-C ends it
`

const report = timed(toTerminal)
const print = (line: string): boolean => process.stdout.write(`${line}\n`)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '' },
    'sync-frequency-ms': { type: 'string' },
    output: { type: 'string', default: 'text' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [command, ...names] = positionals

function countProcesses(state: RigState): number {
  const running = state.processes.filter(isRunning).length
  return running > 0 && state.pidNamespace !== undefined ? processesIn(state.pidNamespace, 'pid').length : running
}

function imageName(name: string): ImageName {
  const known = imageNames.find((candidate) => candidate === name)
  if (!known) throw new RigError('ProgramUnknown', `${name} is none of ${imageNames.join(', ')}`)
  return known
}

async function programs(): Promise<void> {
  const wanted = names.length > 0 ? names.map(programName) : programNames
  const paths = await ensurePrograms(wanted, report)
  for (const name of wanted) print(`${name.padEnd(24)} ${paths[name]}`)
}

async function images(): Promise<void> {
  const made = await ensureImages(names.length > 0 ? names.map(imageName) : imageNames, report)
  for (const image of Object.values(made)) print(`${image.reference.padEnd(56)} ${image.tar}`)
}

async function up(): Promise<void> {
  const syncFrequencyMs = values['sync-frequency-ms']
  const cluster = await startCluster({
    keep: true,
    report,
    images: values.images.split(',').filter(Boolean).map(imageName),
    ...(names[0] === undefined ? {} : { name: names[0] }),
    ...(syncFrequencyMs === undefined ? {} : { syncFrequencyMs: Number(syncFrequencyMs) }),
  })
  for (const image of Object.values(cluster.images)) report(`image ${image.reference}`)
  for (const [variable, value] of Object.entries(cluster.environment)) print(`export ${variable}=${value}`)
  report(`kubectl: ${findProgram('kubectl').path}, helm: ${findProgram('helm').path}`)
  report(`end it: npm run rig -- down ${cluster.name}`)
}

function status(): void {
  const rigs = findRigs().flatMap(({ folder, state }) =>
    state
      ? {
          name: state.name,
          kind: state.kind,
          alive: isAlive(state),
          ready: state.ready,
          startedAt: state.startedAt,
          kubeconfig: state.kubeconfig,
          folder,
          processes: countProcesses(state),
          cgroups: state.kind === 'cluster' ? findCgroups(state.name).length : 0,
        }
      : [],
  )
  const made = programNames.map((name) => ({ name, ...findProgram(name) }))
  if (values.output === 'json') {
    print(JSON.stringify({ rigs, programs: made }, undefined, 2))
    return
  }
  for (const { name, made: there, path } of made) print(`${there ? 'built  ' : 'missing'} ${name.padEnd(24)} ${path}`)
  if (rigs.length === 0) print('nothing runs')
  for (const rig of rigs) {
    print(`${rig.name} (${rig.kind}): ${rig.alive ? (rig.ready ? 'up' : 'starting') : 'dead, down removes it'}`)
    print(`  since ${rig.startedAt}, ${rig.processes} processes\n  export KUBECONFIG=${rig.kubeconfig}`)
  }
}

async function down(): Promise<void> {
  for (const folder of await removeLeftovers()) report(`removed what was left of ${folder}`)
  // Without a name only what was told to stay: somebody's test may be using the rest.
  const meant = (state: RigState): boolean => (names.length === 0 ? state.keep : names.includes(state.name))
  const found = findRigs().filter(({ state }) => state && meant(state))
  for (const { folder } of found) {
    await removeRig(folder)
    report(`down: ${folder}`)
  }
}

async function controlPlane(): Promise<void> {
  const started = await startControlPlane({ report })
  for (const [variable, value] of Object.entries(started.environment)) print(`export ${variable}=${value}`)
  setInterval(() => undefined, 60_000) // until a signal comes
}

const commands: Readonly<Record<string, () => void | Promise<void>>> = {
  programs,
  images,
  up,
  status,
  down,
  'control-plane': controlPlane,
}

const chosen = command === undefined || values.help ? undefined : commands[command]
if (!chosen) {
  toTerminal(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  try {
    await chosen()
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    toTerminal(`rig: ${error.message}`)
    process.exitCode = 1
  }
}
