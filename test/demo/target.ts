import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startCluster } from '../rig/cluster/cluster.ts'
import { whyNoCluster } from '../rig/cluster/debian.ts'
import { run, type CommandOptions } from '../rig/command.ts'
import { ensurePrograms } from '../rig/programs/programs.ts'
import type { Progress } from './progress.ts'

interface ImageName {
  readonly repository: string
  readonly tag: string
}

/** The cluster that the demo runs in, and the images that it can pull there. */
export interface Target {
  readonly kubectl: (args: readonly string[], options?: CommandOptions) => Promise<string>
  readonly helm: (args: readonly string[], options?: CommandOptions) => Promise<string>
  readonly images: Readonly<Record<'kesInjector' | 'kesStateful' | 'minio' | 'mc', ImageName>>
  /** What a person types to look around. */
  readonly lookAround: string
  /** How to end what `KEEP=1` left. */
  readonly howToEnd: string
  /** Ends the cluster, if it is ours. */
  readonly stop: () => Promise<void>
  readonly ours: boolean
}

const project = new URL('../..', import.meta.url).pathname

function imageOf(reference: string, variable: string): ImageName {
  const colon = reference.lastIndexOf(':')
  if (colon <= reference.lastIndexOf('/')) throw new Error(`${variable} needs a tag: ${reference}`)
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}

function needed(variable: string, what: string): ImageName {
  const reference = process.env[variable]
  if (!reference) throw new Error(`with CONTEXT the cluster pulls its images: name ${what} in ${variable}`)
  return imageOf(reference, variable)
}

/** A cluster that exists: the one of a kube context. */
async function existingCluster(context: string): Promise<Target> {
  const images = {
    kesInjector: needed('IMAGE', 'the image of kes-injector (Dockerfile)'),
    kesStateful: needed('STATEFUL_IMAGE', 'the image of the stateful KES (images/kes-stateful)'),
    minio: needed('MINIO_IMAGE', 'an image of MinIO with a shell'),
    mc: needed('MC_IMAGE', 'an image of mc with a shell'),
  }
  const { kubectl, helm } = await ensurePrograms(['kubectl', 'helm'])
  return {
    kubectl: (args, options) => run(kubectl, ['--context', context, ...args], options),
    helm: (args, options) => run(helm, ['--kube-context', context, ...args], options),
    images,
    lookAround: `kubectl --context ${context} get keyservers,kesidentities -A`,
    howToEnd: `helm --kube-context ${context} uninstall kes-injector -n kes-injector`,
    stop: () => Promise.resolve(),
    ours: false,
  }
}

/** A real node on this machine, made for the demo. */
async function ownCluster(progress: Progress, keep: boolean): Promise<Target> {
  const why = whyNoCluster()
  if (why !== undefined) throw new Error(`${why} Name a cluster with CONTEXT=… instead.`)
  const name = keep ? 'demo' : `demo-${process.pid}`
  await progress.step('bundle the program', async () => {
    await promisify(execFile)(process.execPath, ['scripts/bundle.ts'], { cwd: project })
  })
  const cluster = await progress.step(
    'programs, images and a cluster of one real node (cold about 15 min, warm 10 s)',
    () =>
      startCluster({
        name,
        keep,
        images: ['kes-injector', 'kes-stateful', 'minio', 'mc'],
        report: (line) => progress.say(line),
      }),
  )
  const image = (of: keyof typeof cluster.images): ImageName => {
    const found = cluster.images[of]
    if (!found) throw new Error(`the image ${of} was not made`)
    return found
  }
  return {
    kubectl: cluster.kubectl,
    helm: cluster.helm,
    images: {
      kesInjector: image('kes-injector'),
      kesStateful: image('kes-stateful'),
      minio: image('minio'),
      mc: image('mc'),
    },
    lookAround: `export KUBECONFIG=${cluster.kubeconfig}`,
    howToEnd: `npm run rig -- down ${name}`,
    stop: cluster.stop,
    ours: true,
  }
}

export function findTarget(progress: Progress, keep: boolean): Promise<Target> {
  const context = process.env['CONTEXT']
  return context ? existingCluster(context) : ownCluster(progress, keep)
}
