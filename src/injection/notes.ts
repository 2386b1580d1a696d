import { annotations, disabled, enabled } from '../api/names.ts'
import { annotationOf } from '../minio/shape.ts'
import { quoted } from './keyChoice.ts'

/** A word that we do not know is told, so that a typing error does not pass for consent. */
export function injectAnnotationNotes(object: unknown): readonly string[] {
  const value = annotationOf(object, annotations.inject)
  if (value === undefined || value === enabled || value === disabled) return []
  return [`${annotations.inject} is ${quoted(value.slice(0, 20))}: only ${enabled} and ${disabled} mean something`]
}

/** To whoever opts a connected Tenant out: see the rules called `optedOut`. */
export const keptNote = `opting out does not disconnect a Tenant: it could not read its data; see ${annotations.confirmDelete}`
