import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml'
import { alternatives, choices, keystoreShapes, together, type KeystoreKind, type Shape } from './keystoreShapes.ts'

/** A key store section as it may stand in a configuration of KES. */
export interface Keystore {
  readonly kind: KeystoreKind
  /** The section as plain data, all of it text. Holds secrets. */
  readonly keystore: object
  /** Environment variables that it refers to as `${NAME}`: KES fails where one is not set. */
  readonly variables: readonly { readonly name: string; readonly line: number }[]
  /** Paths inside the KES pod that it names. */
  readonly files: readonly { readonly path: string; readonly line: number }[]
}

/** Why a section is none that KES would take as it is meant. Holds no value of it. */
export interface KeystoreProblem {
  readonly problem: string
  /** Counted from 1. */
  readonly line?: number
}

/** What KES reads at the top of its configuration, besides `keystore`; of a whole configuration only that section counts here. */
const others = ['version', 'address', 'admin', 'tls', 'policy', 'cache', 'api', 'log'] as const

/** Fields whose values are paths inside the KES pod. */
const fileField = /(^|\.)tls\.(ca|cert|key)$/
const reference = /^\$\{\s*([^}]*?)\s*\}$/

class Refused extends Error {
  readonly offset: number | undefined

  constructor(problem: string, node?: unknown) {
    super(problem)
    this.offset = offsetOf(node)
  }
}

/**
 * Reads the key store section of a KES configuration (v0.24.0): alone, with or without `keystore:` above it, or in a whole
 * configuration.
 *
 * Stricter than KES: it ignores what it does not know, and `keys`, `tls.proxy` and `keystore.kes` without a word, so a misspelt field
 * would be found when it is missed. Here each is a problem, with its line. What is unknown is not quoted: it may be a secret that slipped. Every value stays the text it is: a secret of digits must
 * not become a number.
 */
export function readKeystore(yamlText: string): Keystore | KeystoreProblem {
  const lines = new LineCounter()
  const lineOf = (offset: number | undefined) => (offset === undefined ? undefined : lines.linePos(offset).line)
  const document = parseDocument(yamlText, {
    lineCounter: lines,
    schema: 'failsafe',
    prettyErrors: false,
    strict: true,
  })
  const error = document.errors[0] ?? document.warnings[0]
  const problem = (text: string, line: number | undefined): KeystoreProblem =>
    line === undefined ? { problem: text } : { problem: text, line }
  // Not the parser's own sentence: it quotes the text.
  if (error) return problem(`it is no YAML that KES reads (${error.code})`, lineOf(error.pos[0]))
  try {
    return section(document, (node) => lineOf(offsetOf(node)) ?? 0)
  } catch (refused) {
    if (refused instanceof Refused) return problem(refused.message, lineOf(refused.offset))
    throw refused
  }
}

function section(document: Document, lineOf: (node: unknown) => number): Keystore {
  const store = storesIn(document)
  const kinds = Object.keys(keystoreShapes)
  const [first, second] = fieldsOf(store, document)
  if (!first) throw new Refused(`there is no key store in it: one of ${kinds.join(', ')}`, store)
  if (first.name === 'kes') throw new Refused('keystore.kes is read by KES and then refused as no key store', first.key)
  if (!isKind(first.name)) throw new Refused(`KES knows no such key store: one of ${kinds.join(', ')}`, first.key)
  if (second) throw new Refused('there is more than one key store in it: KES takes exactly one', second.key)
  const variables: { name: string; line: number }[] = []
  const files: { path: string; line: number }[] = []
  const keep = (text: string, path: string, node: unknown): string => {
    const [, variable] = reference.exec(text.trim()) ?? []
    if (variable !== undefined) variables.push({ name: variable, line: lineOf(node) })
    else if (text !== '' && fileField.test(path)) files.push({ path: text, line: lineOf(node) })
    return text
  }
  const content = readGroup(first.value, keystoreShapes[first.name], first.name, { document, keep, at: first.key })
  return { kind: first.name, keystore: { [first.name]: content }, variables, files }
}

/** The mapping whose fields are the key stores. */
function storesIn(document: Document): unknown {
  const top = resolved(document.contents, document)
  if (!isMap(top)) throw new Refused('it is no mapping of fields', top)
  const fields = fieldsOf(top, document)
  const whole = fields.find(({ name }) => name === 'keystore')
  if (!whole && fields.every(({ name }) => name === 'kes' || isKind(name))) return top
  for (const { name, key, value } of fields) {
    if (name === 'keys') throw new Refused('KES ignores `keys`: list them in spec.keys of the KeyServer', key)
    if (name !== 'keystore' && !others.some((other) => other === name))
      throw new Refused('KES knows no such field at the top of its configuration and would ignore it', key)
    if (name === 'version' && textOf(value, document) !== 'v1') throw new Refused('the version must be v1', key)
    const proxy = name === 'tls' && fieldsOf(value, document).find((each) => each.name === 'proxy')
    if (proxy) throw new Refused('KES reads `tls.proxy` and does not use it', proxy.key)
  }
  if (!whole) throw new Refused('there is no `keystore` in it', top)
  return whole.value
}

interface Reading {
  readonly document: Document
  readonly keep: (text: string, path: string, node: unknown) => string
  /** Where to point to for what is missing. */
  readonly at: unknown
}

function readGroup(node: unknown, shape: Shape, path: string, reading: Reading): object {
  const { document, at } = reading
  const fields = fieldsOf(node, document)
  for (const { name, key } of fields)
    if (!Object.hasOwn(shape, name))
      throw new Refused(`KES would ignore this field of ${path}: it knows ${Object.keys(shape).join(', ')}`, key)
  const given = (name: string) => fields.find((field) => field.name === name)
  const content: Record<string, unknown> = {}
  for (const [name, wanted] of Object.entries(shape)) {
    const [field, here] = [given(name), `${path}.${name}`]
    if (typeof wanted === 'string') {
      const value = field && readField(field.value, wanted === 'list', here, reading)
      if (wanted === 'needed' && (value === undefined || value === ''))
        throw new Refused(`${here} is missing`, field?.key ?? at)
      if (value !== undefined) content[name] = value
    } else if (field) {
      const inner = 'optional' in wanted && typeof wanted.optional === 'object' ? wanted.optional : wanted
      content[name] = readGroup(field.value, inner as Shape, here, { ...reading, at: field.key })
    } else if (!('optional' in wanted && typeof wanted.optional === 'object'))
      throw new Refused(`${here} is missing`, at)
  }
  checkTogether(path, given, at)
  return content
}

function checkTogether(
  path: string,
  given: (name: string) => { readonly key: unknown } | undefined,
  at: unknown,
): void {
  const choice = alternatives[path]
  const chosen = choice?.fields.flatMap((name) => given(name) ?? []) ?? []
  if (chosen[1]) throw new Refused(`${path} proves itself in one way: ${choice?.fields.join(' or ')}`, chosen[1].key)
  if (choice?.needed && chosen.length === 0)
    throw new Refused(`${path} must have one of ${choice.fields.join(', ')}`, at)
  const [one, other] = together[path] ?? []
  if (one === undefined || other === undefined) return
  if ((given(one) === undefined) !== (given(other) === undefined))
    throw new Refused(`${path} must have both ${one} and ${other}, or none of them`, (given(one) ?? given(other))?.key)
}

function readField(node: unknown, list: boolean, path: string, { document, keep }: Reading): unknown {
  const value = resolved(node, document)
  if (list) {
    if (!isSeq(value)) throw new Refused(`${path} must be a list`, node)
    return value.items.map((item) => keep(textOf(item, document), path, item))
  }
  if (!isScalar(value) && value !== null) throw new Refused(`${path} must be one text`, node)
  const text = keep(textOf(node, document), path, node)
  const allowed = choices[path]
  if (allowed && text !== '' && !reference.test(text) && !allowed.includes(text))
    throw new Refused(`${path} must be ${allowed.join(' or ')}`, node)
  return text
}

interface Field {
  readonly name: string
  readonly key: unknown
  readonly value: unknown
}

/** The fields of a mapping; none where nothing stands there. */
function fieldsOf(node: unknown, document: Document): readonly Field[] {
  const value = resolved(node, document)
  if (value === null || value === undefined || (isScalar(value) && textOf(value, document) === '')) return []
  if (!isMap(value)) throw new Refused('there must be a mapping of fields', node)
  return value.items.map(({ key, value: held }) => ({ name: textOf(key, document), key, value: held }))
}

const resolved = (node: unknown, document: Document): unknown => (isAlias(node) ? node.resolve(document) : node)

/** What Go's YAML would put into a text: nothing for a null that is not quoted. */
function textOf(node: unknown, document: Document): string {
  const value = resolved(node, document)
  if (!isScalar(value)) return ''
  const text = typeof value.value === 'string' ? value.value : ''
  return value.type === 'PLAIN' && ['~', 'null', 'Null', 'NULL'].includes(text) ? '' : text
}

const isKind = (name: string): name is KeystoreKind => Object.hasOwn(keystoreShapes, name)

const offsetOf = (node: unknown): number | undefined => (node as Partial<Node> | undefined | null)?.range?.[0]
