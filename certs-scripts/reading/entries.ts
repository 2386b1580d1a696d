import { parseAllDocuments } from 'yaml'
import { unusable } from '../commandLine/scriptError.ts'
import { shownPath } from '../commandLine/files.ts'

/** The Secret or ConfigMap that an entry stands in. */
export interface Holder {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly namespace: string | undefined
  readonly name: string
  readonly type: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** One text in which keys and certificates may stand: a whole file, or one entry of a Secret or ConfigMap in it. */
export interface Entry {
  readonly file: string
  readonly holder?: Holder
  /** The entry's name in its holder: `tls.crt`. */
  readonly name?: string
  readonly text: string
}

/** Names an entry for people. */
export function placeOf({ file, holder, name }: Entry): string {
  if (!holder) return shownPath(file)
  const where = holder.namespace === undefined ? holder.name : `${holder.namespace}/${holder.name}`
  return `${holder.kind} ${where}, ${name ?? ''}`
}

/**
 * Splits what was read into its entries: PEM text is one; YAML and JSON are searched for Secrets and ConfigMaps, in lists too
 * (`kubectl get secrets -o yaml`).
 *
 * Throws `InputUnusable`; the message tells the line and never quotes the text, which may be a key.
 */
export function entriesIn(file: string, text: string): readonly Entry[] {
  if (!looksLikeObjects(text)) return [{ file, text }]
  const objects = objectsOf(file, text)
  // Something else that is JSON or YAML: a policy, say.
  if (!objects.some(({ kind }) => typeof kind === 'string')) return [{ file, text }]
  const entries = objects.flatMap((object) => entriesOf(file, object))
  if (entries.length === 0) {
    const kinds = [...new Set(objects.map(({ kind }) => textOr(kind, 'something')))]
      .slice(0, 5)
      .join(', ')
      .slice(0, 200)
    throw unusable(
      `${shownPath(file)} holds no Secret or ConfigMap with data${kinds === '' ? '' : `; it holds: ${kinds}`}`,
    )
  }
  return entries
}

type Fields = Readonly<Record<string, unknown>>

// PEM text may follow anything, so what tells is a field that every object of Kubernetes has.
const looksLikeObjects = (text: string): boolean => /^\s*\{/.test(text) || /^(?:apiVersion|kind|items):/m.test(text)

function objectsOf(file: string, text: string): readonly Fields[] {
  // JSON is YAML as well. Pretty errors would quote the line at fault.
  const documents = parseAllDocuments(text, { prettyErrors: false })
  if ('empty' in documents) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error) {
      const line = text.slice(0, error.pos[0]).split('\n').length
      throw unusable(`${shownPath(file)} is not YAML or JSON that can be read, line ${line} (${error.code})`)
    }
    return flattened(parsed(file, document))
  })
}

function parsed(file: string, document: { toJS: (options: { maxAliasCount: number }) => unknown }): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 })
  } catch (cause) {
    throw unusable(`${shownPath(file)} uses YAML aliases that are not followed`, cause)
  }
}

function flattened(value: unknown): readonly Fields[] {
  if (!isFields(value)) return []
  const items = value['items']
  return Array.isArray(items) ? items.filter(isFields) : [value]
}

function entriesOf(file: string, object: Fields): readonly Entry[] {
  const { kind } = object
  if (kind !== 'Secret' && kind !== 'ConfigMap') return []
  const metadata = fields(object['metadata'])
  const holder: Holder = {
    kind,
    namespace: textOr(metadata['namespace'], undefined),
    name: textOr(metadata['name'], undefined) ?? '(no name)',
    type: textOr(object['type'], undefined),
    labels: texts(metadata['labels']),
  }
  const data = Object.entries(texts(object['data'])).map(
    ([name, text]) => [name, kind === 'Secret' ? Buffer.from(text, 'base64').toString('utf8') : text] as const,
  )
  // The API server lets `stringData` win.
  const all = new Map([...data, ...Object.entries(texts(object['stringData']))])
  return [...all].map(([name, text]) => ({ file, holder, name, text }))
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fields = (value: unknown): Fields => (isFields(value) ? value : {})
const textOr = <T>(value: unknown, otherwise: T): string | T => (typeof value === 'string' ? value : otherwise)
const texts = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
