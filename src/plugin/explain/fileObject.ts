import { textAt, type JsonObject } from '../../minio/shape.ts'
import { objectsIn } from '../objectsIn.ts'
import { PluginError } from '../pluginError.ts'
import { kindOfObject, type Subject } from './subject.ts'

/** An object of a file, and what it is called. */
export interface FileObject {
  readonly subject: Subject
  readonly namespace: string | undefined
  readonly object: JsonObject
}

/**
 * The one object of a YAML or JSON text that is asked about; without a wish the only one that can be explained.
 * Throws PluginError `FileUnreadable`, whose message quotes nothing of the text.
 */
export function objectInFile(text: string, wish: Subject | undefined): FileObject {
  const all = objectsIn(text).flatMap((object) => {
    const kind = kindOfObject(textAt(object, 'kind'))
    const name = textAt(object, 'metadata', 'name') ?? ''
    return kind ? [{ subject: { kind, name }, namespace: textAt(object, 'metadata', 'namespace'), object }] : []
  })
  const fitting = wish ? all.filter(({ subject }) => subject.kind === wish.kind && subject.name === wish.name) : all
  const [first, ...more] = fitting
  if (first && more.length === 0) return first
  const asked = wish ? `${wish.kind}/${wish.name}` : 'Tenant, Pod, StatefulSet, Deployment or Namespace'
  throw new PluginError(
    'FileUnreadable',
    first
      ? `the file holds more than one object that can be explained: say which, as KIND/NAME`
      : `the file holds no ${asked}`,
  )
}
