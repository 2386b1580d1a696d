// Bundles for the image: the program into dist/kes-injector.mjs and what each subcommand loads into dist/parts, with source maps and
// the licences of what is inside; the kubectl plugin into dist/kubectl-kes.mjs; each script of certs-scripts into a file of its own in
// dist/certs-scripts.
import { build, type BuildOptions } from 'esbuild'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const hourMs = 3_600_000

// Two may bundle at once (a demo beside the tests): each file appears whole or not at all.
await mkdir('dist/certs-scripts', { recursive: true })
await mkdir('dist/parts', { recursive: true })
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
  entryPoints: { 'kes-injector': 'src/main.ts' },
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  // A subcommand loads its own parts only: code that a webhook never runs would still cost it some 20 MiB.
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  metafile: true,
})
// The plugin is one file that people put into their PATH.
await build({
  ...common,
  entryPoints: ['src/main.ts'],
  outfile: join(folder, 'kubectl-kes.mjs'),
  legalComments: 'eof',
})
await build({
  ...common,
  entryPoints: ['certs-scripts/*.ts'],
  outdir: join(folder, 'certs-scripts'),
  outExtension: { '.js': '.mjs' },
  legalComments: 'eof',
})
const scripts = await moveInto('certs-scripts')
const parts = await moveInto('parts')
for (const file of await readdir('dist/parts')) {
  const path = join('dist/parts', file)
  // Parts of former bundles. A younger one may be of somebody who bundles now, or of a process that has not loaded it yet.
  if (!parts.includes(file) && Date.now() - (await stat(path)).mtimeMs > hourMs) await rm(path, { force: true })
}
await moveInto('.')
await rm(folder, { recursive: true })
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => {
    const [, scoped] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path) ?? []
    return scoped === undefined ? [] : [scoped]
  }),
)
const code = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.mjs'))
const bytes = code.reduce((sum, [, output]) => sum + output.bytes, 0)
console.log(`dist/kes-injector.mjs and dist/parts: ${(bytes / 1e6).toFixed(2)} MB, code of ${packages.size} packages`)
console.log(`dist/certs-scripts: ${scripts.length} scripts`)

/** Moves the files of one folder of what was built to their place, and answers their names. */
async function moveInto(place: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, place), { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  for (const file of files) await rename(join(folder, place, file), join('dist', place, file))
  return files
}
