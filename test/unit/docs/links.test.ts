import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { annotations, labels, revocationFinalizer } from '../../../src/api/names.ts'
import packageJson from '../../../package.json' with { type: 'json' }

const project = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(project, path), 'utf8')
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: project }).sort()]

const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, first = '']) => first)

/** What stands between backticks, and every line of a fenced block. Prose names things too, but in words. */
const inFences = (page: string): readonly string[] => matches(page, /^```[^\n]*\n([\s\S]*?)^```/gm)
const inCode = (page: string): readonly string[] => [
  ...inFences(page),
  ...matches(page.replaceAll(/^```[\s\S]*?^```/gm, ''), /`([^`\n]+)`/g),
]

/** The fragment that GitHub gives a heading. */
const fragmentOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const fragments = (page: string): readonly string[] =>
  matches(page.replaceAll(/^```[\s\S]*?^```/gm, ''), /^#+ (.+)$/gm).map(fragmentOf)

function brokenLink(from: string, link: string): string | undefined {
  const [path = '', fragment] = link.split('#')
  const target = path === '' ? from : normalize(join(dirname(from), path))
  if (!existsSync(join(project, target))) return `${link}: there is no ${target}`
  if (fragment === undefined || statSync(join(project, target)).isDirectory()) return undefined
  return fragments(read(target)).includes(fragment) ? undefined : `${link}: ${target} has no such heading`
}

interface ValueSchema {
  readonly properties?: Readonly<Record<string, ValueSchema>>
}
const valuesSchema = JSON.parse(read('charts/kes-injector/values.schema.json')) as ValueSchema

/** Whether the chart knows the value; below one whose content is free, anything is known. */
function isChartValue(path: string): boolean {
  let at: ValueSchema | undefined = valuesSchema
  for (const name of path.replaceAll(/\[\d+\]/g, '').split('.')) {
    if (at.properties === undefined) return true
    at = at.properties[name]
    if (at === undefined) return false
  }
  return true
}

const valueRoots = Object.keys(valuesSchema.properties ?? {}).filter((name) => name !== 'global')
const valuePattern = new RegExp(`^((?:${valueRoots.join('|')})(?!.*\\.ts$)\\.[A-Za-z.]+)(?:=.*)?$`, 'g')
const makeTargets = matches(read('Makefile'), /^([a-z]+):/gm)
const words = new Set<string>([
  ...Object.values(labels),
  ...Object.values(annotations),
  // Of the custom resources themselves, and of what the controller writes on its own objects.
  'kes-injector.io/v1alpha1',
  revocationFinalizer,
])

/** Folders in which a path can begin, so that `path/like/this` is told from other text with slashes. */
const pathPattern = /^((?:src|test|charts|images|docs|scripts)\/[\w./-]*\w)\/?$/g

describe.each(pages)('%s', (name) => {
  const page = read(name)
  const code = inCode(page)

  it('links to files and headings that exist', () => {
    const links = matches(page, /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link))
    expect(links.map((link) => brokenLink(name, link)).filter((broken) => broken !== undefined)).toEqual([])
  })

  it('names paths that exist', () => {
    const paths = code.flatMap((text) => matches(text.trim(), pathPattern))
    expect(paths.filter((path) => !existsSync(join(project, path)))).toEqual([])
  })

  it('names make targets and npm scripts that exist', () => {
    const targets = code.flatMap((text) => matches(text, /\bmake ([a-z]+)\b/g))
    const scripts = code.flatMap((text) => matches(text, /\bnpm run (?:-s )?([a-z][\w:-]*)/g))
    expect(targets.filter((target) => !makeTargets.includes(target))).toEqual([])
    expect(scripts.filter((script) => !Object.hasOwn(packageJson.scripts, script))).toEqual([])
  })

  it('names values that the chart has', () => {
    const set = code.flatMap((text) => matches(text, /--set '?([^'\s]+)/g)).flatMap((list) => list.split(','))
    const values = [
      ...set.map((each) => each.split('=')[0] ?? ''),
      // Placeholders are in capitals: `tenant.NAMESPACE.client` is the name of a Secret, not a value.
      ...code.filter((text) => !/[A-Z]{2}/.test(text)).flatMap((text) => matches(text.trim(), valuePattern)),
    ]
    expect(values.filter((value) => !isChartValue(value))).toEqual([])
  })

  it('names labels and annotations of ours that the code knows', () => {
    const said = code.flatMap((text) => matches(text, /(?<![\w.-])(kes-injector\.io\/[a-z0-9]+(?:-[a-z0-9]+)*)/g))
    expect(said.filter((word) => !words.has(word))).toEqual([])
  })
})

it('there are pages to look at, and what they name is found', () => {
  expect(pages.length).toBeGreaterThan(15)
  const all = pages.flatMap((name) => inCode(read(name)))
  expect(all.flatMap((text) => matches(text.trim(), pathPattern)).length).toBeGreaterThan(10)
  expect(all.flatMap((text) => matches(text.trim(), valuePattern)).length).toBeGreaterThan(10)
})

it('a heading with marks has the fragment that GitHub gives it', () => {
  expect(fragmentOf('Private clusters: GKE, EKS')).toBe('private-clusters-gke-eks')
})
