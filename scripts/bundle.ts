// Bundles for the image: the program into dist/kes-injector.mjs, with its source map and the licences of what is inside, and each
// script of certs-scripts into a file of its own in dist/certs-scripts.
import { build, type BuildOptions } from 'esbuild'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

// Two may bundle at once (a demo beside the tests): each file appears whole or not at all.
await mkdir('dist/certs-scripts', { recursive: true })
const folder = await mkdtemp('dist/.bundling-')
const common = {
  bundle: true,
  // Names stay as they are, so that a stack says something without the source map. `keepNames` would do that with a call for every
  // closure that is made.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // express, pino and node-forge are CommonJS and call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions
const { metafile } = await build({
  ...common,
  entryPoints: ['src/main.ts'],
  outfile: join(folder, 'kes-injector.mjs'),
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  metafile: true,
})
await build({
  ...common,
  entryPoints: ['certs-scripts/*.ts'],
  outdir: join(folder, 'certs-scripts'),
  outExtension: { '.js': '.mjs' },
  legalComments: 'eof',
})
const scripts = await readdir(join(folder, 'certs-scripts'))
for (const file of scripts) await rename(join(folder, 'certs-scripts', file), join('dist/certs-scripts', file))
await rm(join(folder, 'certs-scripts'), { recursive: true })
for (const file of await readdir(folder)) await rename(join(folder, file), join('dist', file))
await rm(folder, { recursive: true })
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => {
    const [, scoped] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path) ?? []
    return scoped === undefined ? [] : [scoped]
  }),
)
const bytes = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined)?.bytes ?? 0
console.log(`dist/kes-injector.mjs: ${(bytes / 1e6).toFixed(2)} MB, code of ${packages.size} packages`)
console.log(`dist/certs-scripts: ${scripts.length} scripts`)
