import { configurationFileVariable } from '../../minio/environment.ts'
import { readConfigurationFile } from '../../minio/configurationFile.ts'
import { kmsConflict } from '../../minio/kmsConflict.ts'
import type { Seen } from '../seen.ts'
import { note, problem, warning, type Finding } from '../told.ts'
import type { HiddenSource } from './hiddenSources.ts'

/** What a Secret or ConfigMap holds, as text. It goes no further than this file. */
export type Texts = Readonly<Record<string, string>>

/**
 * What a hidden source does to MinIO. `ours` is what MinIO is given by us: empty where it is not connected.
 *
 * Only names of variables are told, never what they say: here lie root's password and keys.
 */
export function hiddenFindings(
  source: HiddenSource,
  seen: Seen<Texts>,
  ours: ReadonlyMap<string, string>,
): readonly Finding[] {
  const { kind, name, how } = source
  const place = how.is === 'envFrom' ? `${kind} ${name}` : `${kind} ${name}, ${how.key}`
  if (seen.is === 'hidden')
    return [
      warning(
        `${place}: you may not read it, so what it sets is not known. ` +
          `Who may: kubectl kes explain, or look there for variables that begin with MINIO_KMS_`,
      ),
    ]
  if (seen.is !== 'found' && source.optional) return []
  if (seen.is !== 'found') return [problem(`${kind} ${name}: it does not exist, and MinIO needs it (${use(source)})`)]
  const texts = seen.value
  switch (how.is) {
    case 'value':
      return Object.hasOwn(texts, how.key)
        ? [note(`${how.variable} comes from ${place}`)]
        : [problem(`${kind} ${name} has no key ${how.key}, which ${how.variable} is taken from: the pod cannot start`)]
    case 'envFrom':
      return Object.keys(texts).flatMap((key) => effectOf(`${how.prefix}${key}`, place, { later: false }, ours))
    case 'file': {
      if (!Object.hasOwn(texts, how.key)) return [problem(`${kind} ${name} has no key ${how.key} (${use(source)})`)]
      const variables = readConfigurationFile(texts[how.key] ?? '', ours)
      return variables.flatMap((variable) => {
        const told = effectOf(variable.name, place, { later: true, same: variable.same }, ours)
        return how.of === 'Tenant' && !variable.exported ? told.map(unexported) : told
      })
    }
  }
}

const use = ({ how }: HiddenSource): string =>
  how.is === 'file'
    ? how.of === 'Tenant'
      ? 'spec.configuration of the Tenant'
      : configurationFileVariable
    : how.is === 'envFrom'
      ? 'envFrom'
      : how.variable

/** `later`: read after what we give, so that it decides. */
interface Weight {
  readonly later: boolean
  readonly same?: boolean | undefined
}

function effectOf(
  name: string,
  place: string,
  { later, same }: Weight,
  ours: ReadonlyMap<string, string>,
): readonly Finding[] {
  const conflict = kmsConflict(name)
  if (conflict === 'none') return []
  if (ours.size === 0) return [note(`${place}: sets ${name}, so a KMS is chosen there`)]
  switch (conflict) {
    case 'stops':
      return [problem(`${place}: sets ${name}. Beside KES it stops MinIO at its start: take it out of there`)]
    case 'doubtful':
      return [
        warning(`${place}: sets ${name}, which may lead MinIO elsewhere: take it out unless you know why it is there`),
      ]
    case 'decides':
      if (same === true) return [note(`${place}: sets ${name} to the very value that MinIO is given anyway`)]
      return later
        ? [
            problem(
              `${place}: sets ${name} to another value, and that one wins over the connection: take it out of there`,
            ),
          ]
        : [note(`${place}: sets ${name}; the container's own variable wins over it`)]
  }
}

/** Operators from v6 on pass over such a line, and the older ones take it. */
const unexported = ({ level, text }: Finding): Finding => ({
  level: level === 'problem' ? 'warning' : level,
  text: `${text} (only operators before v6: the line does not begin with "export ")`,
})
