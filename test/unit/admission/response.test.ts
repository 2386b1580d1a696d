import { describe, expect, it } from 'vitest'
import { answer } from '../../../src/admission/response.ts'
import { denyReasons, skipReasons, type DenyReason, type SkipReason } from '../../../src/api/reasons.ts'
import { deny, inject, skip } from '../../../src/injection/decision.ts'
import { add } from '../../../src/injection/patch.ts'

const asked = { apiVersion: 'admission.k8s.io/v1beta1', uid: 'u-1' } as const
const summary = { keyServer: 'default', keyName: 'team-a_minio' }

describe('an answer', () => {
  it('bears version, kind and uid of the question', () => {
    expect(answer(asked, skip('OptedOut'))).toMatchObject({
      apiVersion: asked.apiVersion,
      kind: 'AdmissionReview',
      response: { uid: 'u-1', allowed: true },
    })
  })

  it('has patch and patch type both, or neither', () => {
    const { response } = answer(asked, inject('Injected', [add(['a'], 1)], summary))
    expect(response.patchType).toBe('JSONPatch')
    expect(Buffer.from(response.patch ?? '', 'base64').toString()).toBe('[{"op":"add","path":"/a","value":1}]')
    for (const other of [skip('OptedOut'), deny('KeyServerUnknown', 'x')]) {
      expect(answer(asked, other).response).not.toHaveProperty('patch')
      expect(answer(asked, other).response).not.toHaveProperty('patchType')
    }
  })

  it('begins a refusal with its reason', () => {
    const { response } = answer(asked, deny('KeyServerUnknown', 'There is none.'))
    expect(response).toMatchObject({
      allowed: false,
      status: { code: 403, message: 'KeyServerUnknown: There is none.' },
    })
  })

  it('puts decision and reason into the audit log under keys that are label names', () => {
    const answers = [inject('Injected', [], summary), skip('UserManagedKms', 'because'), deny('MountCollision', 'x')]
    for (const decision of answers) {
      const { auditAnnotations } = answer(asked, decision).response
      expect(auditAnnotations).toMatchObject({ decision: decision.outcome, reason: decision.reason })
      for (const key of Object.keys(auditAnnotations))
        expect(key).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
    }
  })

  it('keeps warnings short and on one line, whatever was written', () => {
    const detail = `\n\u0000\u001b[31m\u202e${'ü'.repeat(500)}\ud800`
    const { warnings = [] } = answer(asked, skip('UserManagedKms', detail)).response
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.length).toBeLessThanOrEqual(120)
    expect(warnings[0]).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(warnings[0]?.isWellFormed()).toBe(true)
  })

  it.each(Object.keys(skipReasons) as SkipReason[])(
    'warns of %s only where its author would want to know',
    (reason) => {
      const silent = ['AlreadyInjected', 'NotMinio', 'OperatorPod', 'Subresource', 'Deleting', 'MirrorPod', 'NotForUs']
      const { warnings } = answer(asked, skip(reason)).response
      expect(warnings === undefined).toBe(silent.includes(reason))
      for (const text of warnings ?? []) expect(text.length).toBeLessThanOrEqual(120)
    },
  )

  it.each(Object.keys(denyReasons) as DenyReason[])('refuses with %s', (reason) => {
    expect(answer(asked, deny(reason, 'x')).response.allowed).toBe(false)
  })
})
