import { authorityLost } from '../keyServer/recordedAuthority.ts'
import type { Observed } from './observed.ts'

/** Something that existed and is not there any more, or is not what it was. Going on could only make it worse. */
export interface Loss {
  readonly reason: 'AuthorityLost' | 'KeyLost'
  readonly message: string
}

type Rule = (observed: Observed) => Loss | undefined

// Only where KES itself said that the key does not exist: a key store that is away has lost nothing. A key that is made again under
// the same name is another key: what the first one encrypted stays unreadable, silently.
const keyLost: Rule = ({ status, keys }) => {
  const lost = (status.keys ?? []).filter((name) => keys.absent.includes(name))
  return lost.length === 0
    ? undefined
    : {
        reason: 'KeyLost',
        message:
          `the key store no longer has ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}. ` +
          'Restore it, or name the key store that has them; they are not made again',
      }
}

const rules: readonly Rule[] = [authorityLost, keyLost]

/** The first loss there is, or undefined. */
export function loss(observed: Observed): Loss | undefined {
  for (const rule of rules) {
    const answer = rule(observed)
    if (answer) return answer
  }
  return undefined
}
