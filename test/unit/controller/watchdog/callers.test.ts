import { describe, expect, it } from 'vitest'
import { newCallers } from '../../../../src/controller/watchdog/callers.ts'

const [admin, minio] = ['a'.repeat(64), 'b'.repeat(64)]
const at = new Date('2026-01-01T00:00:00Z')
const call = (more: object = {}) => ({
  at,
  identity: minio,
  path: '/v1/key/describe/a_minio',
  ip: '10.0.0.9',
  code: 200,
  ...more,
})

describe('who called a key server', () => {
  it('is known from a call that only MinIO makes, even from the controller’s address', () => {
    const callers = newCallers()
    callers.heard(call({ identity: admin, ip: '10.0.0.9' }), admin)
    callers.heard(call(), admin)
    expect(callers.seenAt(minio)).toEqual(at)
  })

  it.each(['/v1/key/generate/a_minio', '/v1/key/decrypt/a_minio'])(
    'is not known from %s of the controller, which tries identities so',
    (path) => {
      const callers = newCallers()
      callers.heard(call({ identity: admin, ip: '10.0.0.1' }), admin)
      callers.heard(call({ path, ip: '10.0.0.1' }), admin)
      expect(callers.seenAt(minio)).toBeUndefined()
      callers.heard(call({ path, ip: '10.0.0.2' }), admin)
      expect(callers.seenAt(minio)).toEqual(at)
    },
  )

  it('is not guessed from such a call before the controller’s own address is known', () => {
    const callers = newCallers()
    callers.heard(call({ path: '/v1/key/generate/a_minio' }), admin)
    expect(callers.seenAt(minio)).toBeUndefined()
  })

  it('never counts the administrator', () => {
    const callers = newCallers()
    callers.heard(call({ identity: admin }), admin)
    expect(callers.seenAt(admin)).toBeUndefined()
  })

  it('forgets since when it listens when the log breaks off', () => {
    const callers = newCallers()
    callers.begins('default', at)
    expect(callers.followedSince('default')).toEqual(at)
    callers.ends('default')
    expect(callers.followedSince('default')).toBeUndefined()
  })
})
