import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cached, cacheFolder } from '../cache.ts'
import { silent, type Report } from '../report.ts'
import { buildGo, extract, goRecipeHash, inFolder } from './build.ts'
import { recipes, type ProgramName, type Recipe } from './recipes.ts'

/** Where each of the programs asked for lies. */
export type Programs<Name extends ProgramName> = Readonly<Record<Name, string>>

// A program is called by its plain name in process lists and logs, whatever version stands in its recipe's name.
const fileName = (name: ProgramName): string => (name.startsWith('kes-v') || name === 'kes-stateful' ? 'kes' : name)

function entryName(name: ProgramName): string {
  const recipe: Recipe = recipes[name]
  const version = name.endsWith(recipe.version) ? '' : `-${recipe.version}`
  return `${name}${version}${recipe.from === 'go' ? `-${goRecipeHash(recipe)}` : ''}`
}

/** Answers where a program lies once it is made, and whether it is. */
export function findProgram(name: ProgramName): { readonly path: string; readonly made: boolean } {
  const path = join(cacheFolder(), 'programs', entryName(name), fileName(name))
  return { path, made: existsSync(path) }
}

/** Answers a program's path; it is made first if the cache has none of this version. Minutes for a cold Go build. */
export async function ensureProgram(name: ProgramName, report: Report = silent): Promise<string> {
  const recipe: Recipe = recipes[name]
  const folder = await cached('programs', entryName(name), async (into) => {
    const startedMs = performance.now()
    report(`making ${name} ${recipe.version} (once; a cold Go build takes minutes)`)
    const path = inFolder(into, fileName(name))
    if (recipe.from === 'go') await buildGo(recipe, path)
    else extract(recipe, path)
    report(`made ${name} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  })
  return join(folder, fileName(name))
}

/** Answers the paths of several programs, made one after the other (a Go build uses every core by itself). */
export async function ensurePrograms<Name extends ProgramName>(
  names: readonly Name[],
  report: Report = silent,
): Promise<Programs<Name>> {
  const paths: Partial<Record<Name, string>> = {}
  for (const name of names) paths[name] = await ensureProgram(name, report)
  return paths as Programs<Name>
}
