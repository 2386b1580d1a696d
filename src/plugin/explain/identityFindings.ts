import type { KesIdentity } from '../../api/kesIdentity.ts'
import { clientSecretName } from '../../api/names.ts'
import { conditionsSaid } from '../conditionsSaid.ts'
import type { Seen } from '../seen.ts'
import { note, problem, warning, type Finding } from '../told.ts'
import { isPast, when } from '../when.ts'

/** What the identity of a namespace and its Secret say. */
export function identityFindings(
  namespace: string,
  identity: Seen<KesIdentity>,
  secret: Seen<unknown>,
  now: Date,
): readonly Finding[] {
  return [...ofIdentity(namespace, identity, now), ...ofSecret(namespace, secret)]
}

function ofIdentity(namespace: string, seen: Seen<KesIdentity>, now: Date): readonly Finding[] {
  switch (seen.is) {
    case 'hidden':
      return [warning(`KesIdentity ${clientSecretName}: you may not read it`)]
    case 'unknownKind':
      return [problem('KesIdentity: the kind is not installed in this cluster')]
    case 'missing':
      return [problem(`there is no KesIdentity ${clientSecretName} in ${namespace}: does a controller run?`)]
    case 'found': {
      const { status } = seen.value
      const ended = isPast(status?.notAfter, now)
      return [
        ...conditionsSaid(`KesIdentity ${clientSecretName}`, status?.conditions),
        ...(ended ? [problem(`the certificate of ${namespace} ended on ${when(status?.notAfter, now)}`)] : []),
        ...(status?.identity === undefined
          ? []
          : [note(`identity ${status.identity}, certificate until ${when(status.notAfter, now)}`)]),
      ]
    }
  }
}

function ofSecret(namespace: string, { is }: Seen<unknown>): readonly Finding[] {
  if (is === 'missing')
    return [
      problem(
        `the Secret ${clientSecretName} is not in ${namespace}: pods wait for it (FailedMount) and go on by themselves when it is there`,
      ),
    ]
  return is === 'hidden' ? [note(`whether the Secret ${clientSecretName} is there you may not see`)] : []
}
