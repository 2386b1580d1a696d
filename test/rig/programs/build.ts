import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shortHash } from '../cache.ts'
import { run } from '../command.ts'
import type { GoRecipe, ZipRecipe } from './recipes.ts'
import { unzip } from './zip.ts'

const linkerFlags = ({ stamp = {} }: GoRecipe): string =>
  ['-s -w', ...Object.entries(stamp).map(([variable, value]) => `-X ${variable}=${value}`)].join(' ')

// Static, and free of this machine's paths, settings and version control: the same sources make the same program anywhere.
const goEnvironment = { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', GOWORK: 'off' }

/** Answers a hash of all that decides what a recipe makes: the recipe, and every source file of its module. */
export const goRecipeHash = (recipe: GoRecipe): string =>
  shortHash((hash) => {
    hash.update(JSON.stringify([recipe.package, recipe.version, linkerFlags(recipe), goEnvironment]))
    const sources = readdirSync(recipe.module, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(\.go|go\.mod|go\.sum)$/.test(name) && !name.endsWith('_test.go'))
      .sort()
    for (const name of sources)
      hash
        .update(name)
        .update('\0')
        .update(readFileSync(join(recipe.module, name)))
  })

/** Builds a main package into a file. Nothing is resolved anew: go.mod and go.sum say it all. */
export async function buildGo(recipe: GoRecipe, into: string): Promise<void> {
  const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', linkerFlags(recipe), '-o', into, recipe.package]
  await run('go', args, { cwd: recipe.module, environment: goEnvironment })
}

/** Takes a program out of its zip file. */
export function extract(recipe: ZipRecipe, into: string): void {
  writeFileSync(into, unzip(recipe.zip, recipe.entry), { mode: 0o755 })
}

/** Answers the path of the one program in a folder that `make` fills. */
export const inFolder = (folder: string, name: string): string => {
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}
