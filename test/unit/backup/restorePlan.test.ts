import { describe, expect, it } from 'vitest'
import {
  planRestore,
  type IdentityPresence,
  type Presence,
  type RestoreWorld,
} from '../../../src/backup/restorePlan.ts'
import { someBackup } from './backups.ts'

const backup = someBackup()
const names = backup.secrets.map(({ metadata }) => metadata.name)
const secretsAll = (is: Presence): ReadonlyMap<string, Presence> => new Map(names.map((name) => [name, is]))

const empty: RestoreWorld = {
  namespace: 'there',
  keyServer: 'missing',
  statusWritten: false,
  claim: 'missing',
  volumeFilled: false,
  secrets: secretsAll('missing'),
  leftovers: [],
  identities: new Map(),
}
const memory = { filled: false, identitiesOnly: false }
const plan = (world: Partial<RestoreWorld>, remembered = memory) =>
  planRestore(backup, { ...empty, ...world }, remembered)
const refused = (...inTheWay: readonly string[]) => ({ is: 'refused', inTheWay })

describe('a restore', () => {
  it('begins with the claim, and makes the KeyServer only when data and every Secret are there', () => {
    expect(plan({})).toEqual({ is: 'step', step: { do: 'createClaim' } })
    expect(plan({ claim: 'ours' })).toEqual({ is: 'step', step: { do: 'fillVolume' } })
    expect(plan({ claim: 'ours' }, { ...memory, filled: true })).toEqual({ is: 'step', step: { do: 'markFilled' } })
    const filled = { claim: 'ours', volumeFilled: true } as const
    expect(plan(filled)).toEqual({ is: 'step', step: { do: 'createSecret', name: names[0] } })
    expect(plan({ ...filled, secrets: secretsAll('ours') })).toEqual({ is: 'step', step: { do: 'createKeyServer' } })
    const made = { ...filled, secrets: secretsAll('ours'), keyServer: 'ours' } as const
    expect(plan(made)).toEqual({ is: 'step', step: { do: 'writeStatus' } })
    expect(plan({ ...made, statusWritten: true })).toEqual({ is: 'done', identitiesLeft: [] })
  })

  it('names everything that is in its way at once', () => {
    expect(
      plan({
        namespace: 'missing',
        keyServer: 'foreign',
        claim: 'foreign',
        secrets: new Map([['kes-default-unseal', 'foreign']]),
        leftovers: ['the StatefulSet kes-default'],
      }),
    ).toEqual(
      refused(
        'the namespace kes-injector does not exist: make it first',
        'the KeyServer default exists',
        'the claim data-kes-default-0 exists',
        'the Secret kes-default-unseal exists',
        'the StatefulSet kes-default exists',
      ),
    )
  })

  it('does not look at Secrets and workload again once its KeyServer stands: the controller works with them', () => {
    const running = { keyServer: 'ours', statusWritten: true, claim: 'ours', volumeFilled: true } as const
    const world = { ...running, secrets: secretsAll('foreign'), leftovers: ['the StatefulSet kes-default'] }
    expect(plan(world)).toEqual({ is: 'done', identitiesLeft: [] })
  })

  it('makes the identities whose namespaces exist and names the others', () => {
    const identities = new Map<string, IdentityPresence>([
      ['one/kes-client', 'there'],
      ['two/kes-client', 'missing'],
      ['three/kes-client', 'namespaceMissing'],
    ])
    const running = { keyServer: 'ours', statusWritten: true, identities } as const
    expect(plan(running)).toEqual({ is: 'step', step: { do: 'createIdentity', identity: 'two/kes-client' } })
    identities.set('two/kes-client', 'statusMissing')
    expect(plan(running)).toEqual({ is: 'step', step: { do: 'writeIdentityStatus', identity: 'two/kes-client' } })
    identities.set('two/kes-client', 'there')
    expect(plan(running)).toEqual({ is: 'done', identitiesLeft: ['three/kes-client'] })
  })

  it('of identities only needs the KeyServer that it restored', () => {
    const only = { filled: false, identitiesOnly: true }
    for (const keyServer of ['missing', 'foreign'] as const)
      expect(plan({ keyServer }, only)).toEqual(refused('the KeyServer default was not restored from this backup'))
    expect(plan({ keyServer: 'ours', statusWritten: true }, only)).toEqual({ is: 'done', identitiesLeft: [] })
  })
})
