import { withCondition, type Claim, type Condition, type ConditionType } from '../../api/conditions.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import { authorityLost } from '../keyServer/recordedAuthority.ts'
import type { Observed } from './observed.ts'

type Said = Claim & { readonly type: ConditionType }

const say = (status: Claim['status'], type: ConditionType, reason: string, message: string): Said => ({
  type,
  status,
  reason,
  message,
})

/** What existed and is not there any more. Nothing is made in its stead. */
export function loss({ status, authority, admin }: Observed): Pick<Claim, 'reason' | 'message'> | undefined {
  const gone = authorityLost({ status, authority })
  if (gone) return gone
  const lost = admin.is === 'known' ? (status.keys ?? []).filter((key) => admin.keys.missing.includes(key)) : []
  if (lost.length === 0) return undefined
  return {
    reason: 'KeyLost',
    message: `the server no longer has ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}. Whoever runs it must restore a backup; they are not made again`,
  }
}

function serving({ trust, endpoints }: Observed): Said {
  if (trust.is !== 'found')
    return say(
      'False',
      'Serving',
      'AuthorityUnknown',
      `spec.external.caSecretRef: ${trust.is === 'missing' ? 'there is no such Secret' : trust.why}`,
    )
  const silent = endpoints.flatMap(({ url, answer }) => (answer.is === 'unreachable' ? [`${url}: ${answer.why}`] : []))
  return silent.length === 0
    ? say('True', 'Serving', 'Answering', 'every endpoint answers over mutual TLS')
    : say('False', 'Serving', 'Unreachable', silent.join('; '))
}

function keysPresent({ admin, wantedKeys }: Observed): Said {
  switch (admin.is) {
    case 'none':
      return say(
        'Unknown',
        'KeysPresent',
        'NoAdministrator',
        'whoever runs the server makes the keys; nobody can ask here',
      )
    case 'unknown':
      return say('Unknown', 'KeysPresent', 'NotAsked', admin.why)
    case 'refused':
      return say('Unknown', 'KeysPresent', 'AdminRefused', 'the server does not take our pair for an administrator')
    case 'known': {
      const awaited = wantedKeys.filter((key) => !admin.keys.there.includes(key))
      return awaited.length === 0
        ? say('True', 'KeysPresent', 'Present', `${wantedKeys.length} keys are there`)
        : say(
            'False',
            'KeysPresent',
            'Creating',
            `waiting for ${awaited.slice(0, 3).join(', ')}${awaited.length > 3 ? ' …' : ''}`,
          )
    }
  }
}

function keyCreation({ keyServer, admin }: Observed): Said {
  if (!keyServer.spec.external?.allowKeyCreation)
    return say('False', 'KeyCreationAllowed', 'NotGranted', 'MinIO may not create keys')
  return admin.is === 'known' && admin.dialect === 'current'
    ? say('False', 'KeyCreationAllowed', 'Harmless', 'a current KES does not replace a key that exists')
    : say(
        'True',
        'KeyCreationAllowed',
        'Hazard',
        'MinIO may create keys (spec.external.allowKeyCreation): where that server is a stateful KES, a creation of a key that exists replaces it after a restart, and everything encrypted with it is lost',
      )
}

function ready(observed: Observed, lost: Pick<Claim, 'reason' | 'message'> | undefined, status: KeyServerStatus): Said {
  const { trust, endpoints, admin } = observed
  const no = (reason: string, message: string): Said => say('False', 'Ready', reason, message)
  if (lost) return no(lost.reason, lost.message)
  const served = serving(observed)
  if (trust.is !== 'found' || endpoints.every(({ answer }) => answer.is === 'unreachable'))
    return no(served.reason, served.message)
  if (!status.authority) return no('Pending', 'our authority for the certificates of clients is being made')
  if (admin.is === 'unknown') return no('AdminUnknown', admin.why)
  if (admin.is === 'refused')
    return no('AdminRefused', 'the server does not take the pair of spec.external.adminSecretRef for an administrator')
  return say('True', 'Ready', 'Ready', 'namespaces can use it')
}

/** The conditions of an external KeyServer as of now, from what was observed. */
export function claims(observed: Observed, record: KeyServerStatus, now: Date): readonly Condition[] {
  const lost = loss(observed)
  const claimed = [
    serving(observed),
    keysPresent(observed),
    keyCreation(observed),
    lost
      ? say('True', 'Stalled', lost.reason, lost.message)
      : say('False', 'Stalled', 'NothingLost', 'everything that was ever recorded is there'),
    ready(observed, lost, record),
  ]
  const { generation } = observed.keyServer.metadata
  return claimed.reduce<readonly Condition[]>(
    (conditions, claim) => withCondition(conditions, claim, now, generation),
    observed.status.conditions ?? [],
  )
}
