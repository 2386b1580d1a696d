import { describe, expect, it } from 'vitest'
import type { Observed } from '../../../../src/plugin/status/observe.ts'
import { tellStatus } from '../../../../src/plugin/status/tell.ts'
import { found } from '../../../../src/plugin/seen.ts'
import { identity, keyServer, namespace, now } from '../worlds.ts'

const settled: Observed = {
  keyServers: found([keyServer]),
  identities: found([identity]),
  namespaces: found([namespace]),
  namespace: undefined,
}

describe('kubectl kes status', () => {
  it('shows each key server and identity in a line, and that nothing waits', () => {
    const { text, ok } = tellStatus(settled, now)
    expect(ok).toBe(true)
    expect(text).toContainEqual(expect.stringMatching(/^default +stateful +True +1 +1 +2026-03-01 \(in 59 days\)/))
    expect(text).toContainEqual(
      expect.stringMatching(/^team-a +kes-client +default +team-a_minio +True +2026-03-01 \(in 59 days\)/),
    )
    expect(text).toContain('Nothing waits.')
  })

  it('shows what to paste for an identity that a person has to enrol', () => {
    const configuration = 'policy:\n  team-a:\n    identities: [ab]'
    const waiting = { ...identity, status: { ...identity.status, enrol: { policy: 'team-a', configuration } } }
    const { text } = tellStatus({ ...settled, identities: found([waiting]) }, now)
    expect(text.join('\n')).toContain('  policy:\n    team-a:\n      identities: [ab]')
    expect(text.join('\n')).toContain(identity.status?.identity)
  })

  it('misses the identity of a namespace that opted in', () => {
    expect(tellStatus({ ...settled, identities: found([]) }, now)).toMatchObject({ ok: false })
  })

  it('says what may not be seen, and takes it for no problem', () => {
    const { text, ok } = tellStatus({ ...settled, keyServers: { is: 'hidden' }, identities: { is: 'hidden' } }, now)
    expect(ok).toBe(true)
    expect(text.join('\n')).toContain('KeyServers are not shown: you may not list them')
  })

  it('says that nothing is installed', () => {
    expect(tellStatus({ ...settled, keyServers: { is: 'unknownKind' } }, now).ok).toBe(false)
  })
})
