import { kesVariableNamed, kmsFamily, type KesVariable } from './environment.ts'
import { isAbsent, member, textOf } from './shape.ts'

/** One entry of an `env` list and where it stands. */
export interface Variable {
  readonly index: number
  readonly name: string
  /** Undefined where the value comes from elsewhere (`valueFrom`): nobody but the kubelet knows it. */
  readonly literal: string | undefined
}

/** What an `env` list says about a KMS, read in one pass. */
export interface KmsVariables {
  /** The entry that counts for each of the five: with two of one name, Kubernetes and the operator let the last win. */
  readonly kes: ReadonlyMap<KesVariable, Variable>
  /** The first variable that chooses a KMS and is none of the five. */
  readonly foreign: Variable | undefined
}

/** Reads an `env` list. Entries that are no objects with a name are passed over: the API server refuses them. */
export function readKmsVariables(entries: readonly unknown[]): KmsVariables {
  const kes = new Map<KesVariable, Variable>()
  let foreign: Variable | undefined
  entries.forEach((entry, index) => {
    const name = textOf(entry, 'name')
    if (name === undefined || kmsFamily(name) === undefined) return
    const variable = { index, name, literal: literalOf(entry) }
    const known = kesVariableNamed(name)
    if (known) kes.set(known, variable)
    else foreign ??= variable
  })
  return { kes, foreign }
}

// An entry with neither value nor valueFrom is the empty text, and MinIO counts it as present.
function literalOf(entry: unknown): string | undefined {
  if (!isAbsent(member(entry, 'valueFrom'))) return undefined
  const value = member(entry, 'value')
  if (isAbsent(value)) return ''
  return typeof value === 'string' ? value : undefined
}
