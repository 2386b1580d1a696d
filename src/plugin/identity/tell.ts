import { oneLine } from '../columns.ts'
import type { Told } from '../told.ts'
import { isPast, when } from '../when.ts'
import { isOne, type FoundIdentity } from './identityIn.ts'

/** The bare identity where there is one, so that scripts can use it; else what each was read from. Pure. */
export function tellIdentities(all: readonly FoundIdentity[], now: Date): Told {
  const [first] = all
  const one = isOne(all)
  const text =
    one && first
      ? [first.identity]
      : all.map(({ identity, from, notAfter }) =>
          oneLine(`${identity}  ${from}${notAfter === undefined ? '' : `, ends ${when(notAfter, now)}`}`),
        )
  const data = {
    identity: one ? first?.identity : undefined,
    found: all.map((each) => ({ ...each, ended: isPast(each.notAfter, now) })),
  }
  return { text, data, ok: one }
}
