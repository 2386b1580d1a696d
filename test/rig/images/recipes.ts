import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ensureProgram } from '../programs/programs.ts'
import type { ProgramName } from '../programs/recipes.ts'
import type { Report } from '../report.ts'
import { RigError } from '../rigError.ts'
import { bundleFiles } from './bundleFiles.ts'
import type { ImageConfig } from './oci.ts'
import { data, folder, program, shell, users, withLibraries } from './root.ts'
import type { TarEntry } from './tar.ts'

export interface ImageContent {
  readonly root: readonly TarEntry[]
  readonly config: ImageConfig
}

const project = join(import.meta.dirname, '../../..')
/** The product; `npm run bundle` makes it, and beside it what its subcommands load. */
const dist = join(project, 'dist')
export const bundleFile = join(dist, 'kes-injector.mjs')

const nonRoot = '65532:65532'
const path = 'PATH=/usr/bin:/bin'
const authorities = '/etc/ssl/certs/ca-certificates.crt'

const present = (place: string, file: string): readonly TarEntry[] => (existsSync(file) ? [data(place, file)] : [])

/** An image of one static program and a shell. */
const tool =
  (name: ProgramName, config: Omit<ImageConfig, 'Entrypoint'>, more: readonly TarEntry[] = []) =>
  async (report: Report): Promise<ImageContent> => {
    const place = name === 'kes-v0.24.0' ? 'kes' : `usr/bin/${name}`
    const root = [program(place, await ensureProgram(name, report)), ...shell(), ...users, ...more]
    return { root, config: { Entrypoint: [`/${place}`], Env: [path], ...config } }
  }

const pause = async (report: Report): Promise<ImageContent> => ({
  root: [program('pause', await ensureProgram('pause', report))],
  config: { Entrypoint: ['/pause'], User: '65535:65535' },
})

const kesStateful = async (report: Report): Promise<ImageContent> => {
  const kes = await ensureProgram('kes-stateful', report)
  const launcher = await ensureProgram('kes-launcher', report)
  return {
    root: [program('kes', kes), program('launcher', launcher), ...shell(), ...users],
    config: { Entrypoint: ['/launcher'], Env: [path], User: nonRoot },
  }
}

const kesInjector = async (): Promise<ImageContent> => {
  if (!existsSync(bundleFile)) throw new RigError('NotPossibleHere', `${bundleFile} is missing: npm run bundle`)
  const node = await withLibraries('nodejs/bin/node', join(project, `node_modules/node-linux-${process.arch}/bin/node`))
  return {
    root: [
      ...node,
      ...bundleFiles(dist, basename(bundleFile)).flatMap((file) => [
        data(`app/${file}`, join(dist, file)),
        ...present(`app/${file}.map`, join(dist, `${file}.map`)),
      ]),
      ...present(authorities.slice(1), authorities),
      ...shell(),
      ...users,
    ],
    config: {
      Entrypoint: ['/nodejs/bin/node', '--max-semi-space-size=4', '/app/kes-injector.mjs'],
      Env: [`${path}:/nodejs/bin`, 'NODE_ENV=production'],
      User: nonRoot,
      WorkingDir: '/app',
    },
  }
}

/** Every image the rig can make. Each holds a busybox shell, which the published ones need not. */
export const imageRecipes = {
  pause,
  minio: tool('minio', { User: nonRoot, Env: [path, 'HOME=/tmp'] }, [folder('data', 0o777)]),
  mc: tool('mc', { User: nonRoot, Env: [path, 'HOME=/tmp', 'MC_CONFIG_DIR=/tmp/.mc'] }),
  'kes-stateful': kesStateful,
  'kes-server': tool('kes-v0.24.0', { User: nonRoot }),
  'kes-injector': kesInjector,
} as const satisfies Record<string, (report: Report) => Promise<ImageContent>>

export type ImageName = keyof typeof imageRecipes

export const imageNames = Object.keys(imageRecipes) as readonly ImageName[]
