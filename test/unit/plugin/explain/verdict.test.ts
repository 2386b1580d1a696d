import { describe, expect, it } from 'vitest'
import { askAdoption, askPod, askTenant, podOfTemplate } from '../../../../src/plugin/explain/request.ts'
import { verdictOf } from '../../../../src/plugin/explain/verdict.ts'
import { connectedTenant, pod, tenant } from '../../../fixtures/objects.ts'
import { context } from '../../../fixtures/requests.ts'

describe('the verdict about an object', () => {
  it('says what would be written, a line each, and what it is connected to then', () => {
    expect(verdictOf(askPod(pod(), 'team-a'), context)).toMatchObject({
      outcome: 'inject',
      reason: 'Injected',
      changes: [
        'adds the volume kes-injector with the files of the Secret kes-client to spec.volumes',
        'adds the mount /run/kes-injector to spec.containers[0].volumeMounts',
        'adds the variable MINIO_KMS_KES_ENDPOINT=https://kes-default.kes-system.svc:7373 to spec.containers[0].env',
        'adds the variable MINIO_KMS_KES_KEY_NAME=team-a_minio to spec.containers[0].env',
        'adds the variable MINIO_KMS_KES_CERT_FILE=/run/kes-injector/tls.crt to spec.containers[0].env',
        'adds the variable MINIO_KMS_KES_KEY_FILE=/run/kes-injector/tls.key to spec.containers[0].env',
        'adds the variable MINIO_KMS_KES_CAPATH=/run/kes-injector/ca.crt to spec.containers[0].env',
      ],
      connection: { keyServer: 'default', keyName: 'team-a_minio' },
    })
  })

  it('of a Tenant that runs is to leave it alone, and of its adoption what that would write', () => {
    const question = askTenant(tenant(), tenant(), 'team-a')
    expect(verdictOf(question, context)).toMatchObject({ reason: 'RunningTenant', changes: [], connection: undefined })
    expect(verdictOf(askAdoption(question), context)).toMatchObject({
      reason: 'Injected',
      changes: expect.arrayContaining([
        'adds a reference to the Secret kes-client (type cert-manager.io/v1) to spec.externalClientCertSecrets',
      ]) as unknown,
    })
  })

  it('of a connected Tenant names its key server and key', () => {
    const connected = connectedTenant()
    expect(verdictOf(askTenant(connected, connected, 'team-a'), context)).toMatchObject({
      reason: 'AlreadyInjected',
      connection: { keyServer: 'default', keyName: 'team-a_minio' },
    })
  })

  it('of a template is the one of its pod, and the operator’s StatefulSet is known for one', () => {
    const template = {
      metadata: { labels: { 'v1.min.io/tenant': 'store' } },
      spec: { containers: [{ name: 'minio' }] },
    }
    const set = { metadata: { name: 'store-pool-0' }, spec: { template } }
    expect(verdictOf(askPod(podOfTemplate(set, 'StatefulSet', 'team-a'), 'team-a'), context).reason).toBe('OperatorPod')
    expect(verdictOf(askPod(podOfTemplate(set, 'Deployment', 'team-a'), 'team-a'), context).reason).toBe('Injected')
  })

  it('that refuses carries the sentence of the webhook', () => {
    const verdict = verdictOf(askPod(pod(), 'team-a'), { ...context, keyServer: 'unknown' })
    expect(verdict).toMatchObject({ outcome: 'deny', reason: 'KeyServerUnknown' })
    expect(verdict.sentence).toContain('Create it, or name another one')
  })

  it.each([null, 7, {}, { metadata: 'x', spec: [] }])('of %j is given, whatever it is', (object) => {
    expect(verdictOf(askPod(object, 'team-a'), context).outcome).toBe('skip')
    expect(verdictOf(askAdoption(askTenant(object, object, 'team-a')), context).outcome).toBe('skip')
  })
})
