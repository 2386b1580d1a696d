import { annotations } from '../../api/names.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import { no, yes, type Said } from '../keyServer/claim.ts'
import type { Observed } from './observed.ts'

/** Tried with a data key of each process; an unknown answer claims nothing. */
export function predictable({ server }: Observed): Said | undefined {
  if (server.is !== 'answering' || server.predictableDataKeys === undefined) return undefined
  return server.predictableDataKeys
    ? yes(
        'DataKeysPredictable',
        'KnownSequence',
        'a data key of this server is one of the well-known ones: use an image built with Go 1.20 or later',
      )
    : no('DataKeysPredictable', 'Unpredictable', `a data key since ${server.startedAt} is none of the well-known ones`)
}

export const keyCreation = ({ keyServer }: Observed): Said =>
  keyServer.spec.stateful?.allowKeyCreation
    ? yes(
        'KeyCreationAllowed',
        'Hazard',
        'MinIO may create keys (spec.stateful.allowKeyCreation): after a restart this KES answers a creation of a key that exists by replacing it, and everything encrypted with it is lost. Set it to false and list keys in spec.keys',
      )
    : no(
        'KeyCreationAllowed',
        'ControllerOnly',
        'only the controller makes keys, and it asks whether they exist before',
      )

/** How much of the fingerprint a person has to say; enough to tell two keys apart. */
const confirmedDigits = 16

export function notBackedUp({ keyServer }: Observed, { unsealKey }: KeyServerStatus): Said {
  const confirmed = keyServer.metadata.annotations?.[annotations.backupConfirmed]
  const wanted = unsealKey?.fingerprint.slice(0, confirmedDigits)
  if (confirmed !== undefined && confirmed === wanted)
    return no('UnsealKeyNotBackedUp', 'Confirmed', `a backup of the unseal key ${wanted} was confirmed`)
  const name = keyServer.metadata.name
  const why =
    confirmed === undefined
      ? 'nobody has confirmed a backup of the unseal key, without which every key is lost'
      : 'the backup that was confirmed is not of this unseal key'
  const how = `kubectl kes backup ${name}, or back up by hand and annotate the KeyServer: ${annotations.backupConfirmed}=${wanted ?? '…'}`
  return yes('UnsealKeyNotBackedUp', confirmed === undefined ? 'NotConfirmed' : 'AnotherKey', `${why}: ${how}`)
}

/** From which part of its life the authority is said to end, and to end soon. */
const [ending, endingSoon] = [2 / 3, 9 / 10]

export function authorityEnding({ authority }: Observed, now: Date): Said | undefined {
  if (authority.is !== 'found') return undefined
  const { notBefore, notAfter } = authority.value
  const lived = (now.getTime() - notBefore.getTime()) / (notAfter.getTime() - notBefore.getTime())
  const end = notAfter.toISOString()
  if (lived < ending) return no('AuthorityEnding', 'Lasts', `the authority lasts until ${end}`)
  const what = `the authority that MinIO trusts ends at ${end}, and no certificate outlives it`
  return lived < endingSoon
    ? yes('AuthorityEnding', 'LastThird', `${what}: plan the change, MinIO has to be restarted for it`)
    : yes('AuthorityEnding', 'LastTenth', `${what}: change it now, encryption stops with it`)
}

export const singleReplica: Said = yes(
  'SingleReplica',
  'Stateful',
  'a stateful KES runs once: its restart is a short pause',
)
