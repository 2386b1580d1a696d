import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const imported = /["'](\.\/[\w./-]+\.mjs)["']/g

/**
 * The entry of a bundle and all parts that it may load, as paths below the entry's folder. Parts of other bundles lie
 * beside them for a while (scripts/bundle.ts) and are none of its.
 */
export function bundleFiles(folder: string, entry: string): readonly string[] {
  const found = new Set<string>()
  const visit = (file: string): void => {
    if (found.has(file)) return
    found.add(file)
    for (const [, path = ''] of readFileSync(join(folder, file), 'utf8').matchAll(imported))
      visit(normalize(join(dirname(file), path)))
  }
  visit(entry)
  return [...found]
}
