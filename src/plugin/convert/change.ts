import { add, remove, replace, type Operation } from '../../injection/patch.ts'
import { ourReference } from '../../injection/tenantFacts.ts'
import { kesVariableOrder, type KesSettings } from '../../minio/environment.ts'
import { isObject, memberAt, textAt } from '../../minio/shape.ts'
import { clientFiles } from '../../minio/tenant.ts'
import type { HandMade, NotUnderstood } from './handMade.ts'
import { indicesIn, namesOddly, renumbered } from './paths.ts'
import { rearrange, type Rearranged } from './references.ts'

/** What is changed in a Tenant, and what moves by it. */
export interface Change extends Rearranged {
  readonly operations: readonly Operation[]
  /** Those of them in which every value is ours: a connection string with a path in it may hold a password, and is not shown. */
  readonly shown: readonly Operation[]
  /** The five as they are afterwards. */
  readonly settings: KesSettings
  /** Variables and mounts of the user's whose paths follow an entry that moves. */
  readonly follow: readonly string[]
}

/** A text of the user's that may name files of the entries. */
interface Place {
  readonly what: string
  readonly at: readonly (string | number)[]
  readonly text: string
}

const places = ({ env, mounts, places: ours }: HandMade): readonly Place[] => [
  ...env.flatMap((entry, index): readonly Place[] =>
    Object.values(ours).includes(index)
      ? []
      : [
          {
            what: textAt(entry, 'name') ?? `spec.env[${index}]`,
            at: ['spec', 'env', index, 'value'],
            text: textAt(entry, 'value') ?? '',
          },
        ],
  ),
  ...mounts.map((mount, index): Place => {
    const text = textAt(mount, 'mountPath') ?? ''
    return { what: `the mount ${text}`, at: ['spec', 'additionalVolumeMounts', index, 'mountPath'], text }
  }),
]

/** Fields of `spec` that this file reads itself. */
const read: ReadonlySet<string> = new Set(['env', 'externalClientCertSecrets', 'additionalVolumeMounts'])

/** A field in which the path of an entry that goes or moves stands, and where nobody knows what it means. */
function strangeField(tenant: unknown, concerned: ReadonlySet<number>): string | undefined {
  if (concerned.size === 0) return undefined
  const spec = memberAt(tenant, 'spec')
  const fields = isObject(spec) ? Object.entries(spec).filter(([name]) => !read.has(name)) : []
  return fields.find(([, value]) => textsIn(value).some((text) => touches(text, concerned)))?.[0]
}

/** Every text in a JSON value, names of members too. A loop: how deep it is nested is not ours to say. */
function textsIn(value: unknown): readonly string[] {
  const [found, ahead]: [string[], unknown[]] = [[], [value]]
  while (ahead.length > 0) {
    const next = ahead.pop()
    if (typeof next === 'string') found.push(next)
    else if (Array.isArray(next)) for (const each of next as readonly unknown[]) ahead.push(each)
    else if (isObject(next)) for (const [name, each] of Object.entries(next)) ahead.push(name, each)
  }
  return found
}

const touches = (text: string, concerned: ReadonlySet<number>): boolean =>
  namesOddly(text) || indicesIn(text).some((index) => concerned.has(index))

/** Entries whose path is another afterwards, or none. */
export const concernedBy = ({ gone, moved }: Rearranged): ReadonlySet<number> =>
  new Set([...gone, ...moved].map(({ index }) => index))

/** Whether a text that is not changed names a file of an entry that goes or moves. */
export const isCutOff = (text: string, change: Rearranged): boolean => touches(text, concernedBy(change))

/**
 * The operations after which a Tenant is connected by its `kes-client` entry instead of what was made by hand; nothing of the user's is
 * changed but the index in paths of entries that move. Pure.
 */
export function planChange(tenant: unknown, handMade: HandMade, endpoint: string): Change | NotUnderstood {
  const { references, client, authority, settings: former } = handMade
  const users = places(handMade)
  const needed = new Set(users.flatMap(({ text }) => indicesIn(text)))
  const rearranged = rearrange(references, [client, authority], needed)
  const concerned = concernedBy(rearranged)
  const odd = concerned.size === 0 ? undefined : users.find(({ text }) => namesOddly(text))
  if (odd) return { why: `${odd.what} names a file below /tmp/certs in a way that is not understood` }
  const strange = strangeField(tenant, concerned)
  if (strange !== undefined) return { why: `spec.${strange} names files of an entry that goes or moves` }
  const settings: KesSettings = { endpoint, keyName: former.keyName, ...clientFiles(rearranged.ours.index) }
  const following = users.filter(({ text }) => renumbered(text, rearranged.newIndex) !== text)
  const shown = [
    ...kesVariableOrder
      .filter((which) => settings[which] !== former[which])
      .map((which) => replace(['spec', 'env', handMade.places[which], 'value'], settings[which])),
    ...listOperations(rearranged, client),
  ]
  return {
    ...rearranged,
    settings,
    follow: following.map(({ what }) => what),
    shown,
    operations: [...following.map(({ at, text }) => replace(at, renumbered(text, rearranged.newIndex))), ...shown],
  }
}

const list = ['spec', 'externalClientCertSecrets'] as const

/** From the end, so that an index means what it meant before. */
const listOperations = ({ gone, ours }: Rearranged, client: number): readonly Operation[] => [
  ...(ours.how === 'inPlace' ? [replace([...list, client], ourReference)] : []),
  ...gone
    .map(({ index }) => index)
    .filter((index) => ours.how !== 'inPlace' || index !== client)
    .toSorted((one, other) => other - one)
    .map((index) => remove([...list, index])),
  ...(ours.how === 'appended' ? [add([...list, '-'], ourReference)] : []),
]
