import type { Operation, PatchValue } from '../../injection/patch.ts'
import { listOf, memberAt, textAt } from '../../minio/shape.ts'

/** What a patch of ours does, a line for each operation. All its values are ours: paths, an endpoint, a key's name. */
export const patchWords = (operations: readonly Operation[]): readonly string[] => operations.flatMap(words)

function words(operation: Operation): readonly string[] {
  const path = operation.path.slice(1).split('/').map(unescape)
  if (operation.op === 'remove') return [`removes ${placeOf(path)}`]
  if (operation.op === 'replace') return [`sets ${placeOf(path)} to ${shown(operation.value)}`]
  if (isList(operation.value)) return operation.value.map((each) => `adds ${entry(each)} to ${placeOf(path)}`)
  const last = path.at(-1) ?? ''
  return /^(?:-|\d+)$/.test(last)
    ? [`adds ${entry(operation.value)} to ${placeOf(path.slice(0, -1))}`]
    : [`sets ${placeOf(path)} to ${shown(operation.value)}`]
}

const isList = (value: PatchValue): value is readonly PatchValue[] => Array.isArray(value)

/** An entry of one of the lists that we add to, by what it is. */
function entry(value: PatchValue): string {
  const name = textAt(value, 'name')
  const variable = textAt(value, 'value')
  if (name !== undefined && variable !== undefined) return `the variable ${name}=${variable}`
  const mountPath = textAt(value, 'mountPath')
  if (mountPath !== undefined) return `the mount ${mountPath}`
  const type = textAt(value, 'type')
  if (name !== undefined && type !== undefined) return `a reference to the Secret ${name} (type ${type})`
  const secrets = (listOf(memberAt(value, 'projected', 'sources')) ?? []).flatMap(
    (each) => textAt(each, 'secret', 'name') ?? [],
  )
  if (secrets.length > 0) return `the volume ${name ?? ''} with the files of the Secret ${secrets.join(', ')}`
  if (name !== undefined && textAt(value, 'image') !== undefined) return `the container ${name}`
  return shown(value)
}

const shown = (value: PatchValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** `spec.containers[0].env` */
const placeOf = (path: readonly string[]): string =>
  path.map((part, at) => (/^\d+$/.test(part) ? `[${part}]` : at === 0 ? part : `.${part}`)).join('')

const unescape = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
