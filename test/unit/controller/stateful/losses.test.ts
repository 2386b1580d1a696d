import { describe, expect, it } from 'vitest'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import type { Observed } from '../../../../src/controller/stateful/observed.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { plan } from '../../../../src/controller/stateful/plan.ts'
import { authorityFacts, newAuthority, now } from '../pairs.ts'
import { admin, answering, but, condition, fresh, settled, step, told } from './settled.ts'

type LossRow = readonly [reason: string, how: string, difference: Partial<Observed>, says: string]
const losses: readonly LossRow[] = [
  ['AuthorityLost', 'gone', { authority: missing }, 'is gone'],
  ['AuthorityLost', 'unreadable', { authority: broken('KeyMismatch') }, 'cannot be read (KeyMismatch)'],
  ['AuthorityLost', 'another', { authority: found(authorityFacts(newAuthority())) }, 'is not the one'],
  ['UnsealKeyLost', 'gone', { unsealKey: missing }, 'do not restart KES'],
  ['UnsealKeyLost', 'unreadable', { unsealKey: broken('there is no `key` in it') }, 'cannot be read'],
  ['UnsealKeyLost', 'another', { unsealKey: found('unseal-2') }, 'is not the one'],
  ['AdminLost', 'gone', { systemAdmin: missing }, 'is gone'],
  ['AdminLost', 'gone for the enclave', { enclaveAdmin: missing }, 'is gone'],
  ['AdminLost', 'unreadable', { enclaveAdmin: broken('no key') }, 'cannot be read'],
  ['AdminLost', 'another', { enclaveAdmin: found(admin()) }, 'is not the one'],
  ['KeyLost', 'a key less', { server: answering([checkKey]) }, 'no longer has team-a_minio'],
  ['KeyLost', 'an empty server', { server: answering([]) }, `no longer has ${checkKey}, team-a_minio`],
  [
    'DataLost',
    'an empty volume',
    {
      server: { is: 'absent' },
      pod: {
        name: 'kes-default-0',
        ip: undefined,
        startedAt: undefined,
        // As images/kes-stateful/launcher/initialise.go says it.
        problem: 'init: data directory is empty but this key server has been initialised before: its volume was lost',
      },
    },
    'Attach the former volume',
  ],
]

describe('a loss', () => {
  it.each(losses)('%s (%s) stops everything', (reason, _how, difference, says) => {
    const wanting = but({ ...difference, wantedKeys: ['team-a_minio', 'new'], statefulSet: 'missing' })
    const planned = plan(wanting, now)
    expect(planned.step).toBeUndefined()
    expect(planned.recheckMs).toBe(60_000)
    expect(condition(wanting, 'Stalled')).toMatchObject({ status: 'True', reason })
    expect(condition(wanting, 'Stalled')?.message).toContain(says)
    expect(condition(wanting, 'Ready')).toMatchObject({ status: 'False', reason })
  })

  it.each(losses)('%s (%s) leaves every record as it was', (_reason, _how, difference) => {
    const { status } = plan(but(difference), now)
    const { authority, unsealKey, admin, initializedAt, keys } = settled.status
    expect(status).toMatchObject({ authority, unsealKey, admin, initializedAt, keys })
  })

  it.each(losses)('%s (%s) is over once it is undone', (_reason, _how, difference) => {
    const during = told(but(difference))
    const undone = { ...settled, status: during.status }
    expect(condition(undone, 'Stalled')?.status).toBe('False')
    expect(condition(undone, 'Ready')?.status).toBe('True')
  })

  it.each<[string, Partial<Observed>]>([
    ['AuthorityLost', { authority: broken('no certificate') }],
    ['UnsealKeyLost', { unsealKey: broken('there is no `key` in it') }],
    ['AdminLost', { systemAdmin: broken('no key') }],
    ['AdminLost', { enclaveAdmin: broken('no key') }],
  ])('%s is also what cannot be read and was never recorded: it is not built upon', (reason, difference) => {
    const never = fresh({ ...difference, statefulSet: 'missing', initConfig: true })
    expect(step(never)).toBeUndefined()
    expect(condition(never, 'Stalled')).toMatchObject({ status: 'True', reason })
  })

  it('is not a server that cannot be asked', () => {
    expect(condition(but({ server: { is: 'unreachable', why: 'timeout' } }), 'Stalled')?.status).toBe('False')
  })

  it('names five keys and counts the rest', () => {
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']
    const { message } = condition(but({ status: { ...settled.status, keys }, server: answering([]) }), 'Stalled') ?? {}
    expect(message).toContain('k1, k2, k3, k4, k5 and 2 more')
  })

  it('of an empty volume is none before the server was initialised', () => {
    const problem = 'init: this key server has been initialised before'
    const pod = { name: 'kes-default-0', ip: undefined, startedAt: undefined, problem }
    expect(condition(fresh({ initConfig: true, pod }), 'Stalled')?.status).toBe('False')
  })
})
