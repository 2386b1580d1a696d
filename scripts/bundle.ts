// Bundles the program into one file for the image: dist/kes-injector.mjs, with its source map and the licences of what is inside.
import { build } from 'esbuild'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

// Two may bundle at once (a demo beside the tests): each file appears whole or not at all.
await mkdir('dist', { recursive: true })
const folder = await mkdtemp('dist/.bundling-')
const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outfile: join(folder, 'kes-injector.mjs'),
  bundle: true,
  // Names stay as they are, so that a stack says something without the source map. `keepNames` would do that with a call for every
  // closure that is made.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  metafile: true,
  // express, pino and node-forge are CommonJS and call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
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
