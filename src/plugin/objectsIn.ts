import { parseAllDocuments } from 'yaml'
import { isObject, type JsonObject } from '../minio/shape.ts'
import { PluginError } from './pluginError.ts'

/** Every object of a YAML or JSON text, in lists too. Throws PluginError `FileUnreadable`; nothing of the text is quoted. */
export function objectsIn(text: string): readonly JsonObject[] {
  // Pretty errors would quote the line at fault, which may be a key.
  const documents = parseAllDocuments(text, { prettyErrors: false })
  if ('empty' in documents) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error) {
      const line = text.slice(0, error.pos[0]).split('\n').length
      throw new PluginError(
        'FileUnreadable',
        `the file is not YAML or JSON that can be read, line ${line} (${error.code})`,
      )
    }
    return flattened(valueOf(document))
  })
}

function valueOf(document: { toJS: (options: { maxAliasCount: number }) => unknown }): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 })
  } catch (cause) {
    throw new PluginError('FileUnreadable', 'the file uses YAML aliases that are not followed', { cause })
  }
}

function flattened(value: unknown): readonly JsonObject[] {
  if (!isObject(value)) return []
  const { items } = value
  return Array.isArray(items) ? items.filter(isObject) : [value]
}
