import { describe, expect, it } from 'vitest'
import { KeyServerSpec } from '../../../src/api/keyServer.ts'
import type { AdmissionRequest, Context } from '../../../src/injection/context.ts'
import { decide } from '../../../src/injection/decide.ts'
import { apply } from '../../../src/injection/patch.ts'
import { literal, ourEntry, pod, tenant, tenantEnv } from '../../fixtures/objects.ts'
import { context, podRequest, tenantRequest, tenantUpdate } from '../../fixtures/requests.ts'

const urls = ['https://kes-a.example.net:7373', 'https://kes-b.example.net:7373']
const endpoint = 'MINIO_KMS_KES_ENDPOINT'

/** The KeyServer of the namespace is one that somebody else runs. */
const around = (endpoints: readonly string[] = urls): Context => ({
  ...context,
  keyServer: { name: 'theirs', spec: KeyServerSpec.parse({ external: { endpoints, caSecretRef: { name: 'ca' } } }) },
})

interface Shaped {
  readonly spec: {
    readonly env?: readonly Named[]
    readonly containers?: readonly { readonly env: readonly Named[] }[]
  }
}
interface Named {
  readonly name: string
  readonly value: string
}
function inject(request: AdmissionRequest, where = around()) {
  const decision = decide(request, where)
  if (decision.outcome !== 'inject') throw new Error(`not injected: ${decision.reason}`)
  const object = apply(request.object, decision.operations) as Shaped
  const env = object.spec.env ?? object.spec.containers?.[0]?.env ?? []
  return { ...decision, object, dials: env.find(({ name }) => name === endpoint)?.value }
}
const dialling = (value: string) =>
  tenant({
    env: tenantEnv(0).map((each) => (each['name'] === endpoint ? literal(endpoint, value) : each)),
    externalClientCertSecrets: [ourEntry],
  })

describe('a key server that somebody else runs', () => {
  it.each([
    ['pod', podRequest(pod())],
    ['Tenant', tenantRequest(tenant())],
  ])('is dialled by a %s at every one of its endpoints', (_kind, request) => {
    const { dials, summary, reason } = inject(request)
    expect(dials).toBe(urls.join(','))
    expect(summary.keyServer).toBe('theirs')
    expect(reason).toBe('Injected')
  })

  it.each([
    ['pod', podRequest(pod())],
    ['Tenant', tenantRequest(tenant())],
  ])('is recognised: nothing is added to a %s twice', (_kind, request) => {
    const { object } = inject(request)
    expect(decide({ ...request, object }, around())).toMatchObject({ outcome: 'skip', reason: 'AlreadyInjected' })
  })

  it('is put back where a re-apply dropped it, as it is stored', () => {
    const stored = dialling(urls.join(','))
    const { reason, dials } = inject(tenantUpdate(stored, tenant()))
    expect(reason).toBe('Repaired')
    expect(dials).toBe(urls.join(','))
  })

  it('is recognised although endpoints were added and taken away since', () => {
    const stored = dialling(['https://kes-old.example.net:7373', urls[0]].join(','))
    const { reason, dials } = inject(tenantUpdate(stored, tenant()))
    expect(reason).toBe('Repaired')
    expect(dials).toBe(['https://kes-old.example.net:7373', urls[0]].join(','))
  })

  it.each(['https://kes.elsewhere.net:7373', 'https://kes-a.example.net:7373.evil.net', 'https://kes-a.example.net'])(
    "is not taken for %s: that is the user's own",
    (other) => {
      expect(decide(tenantRequest(dialling(other)), around())).toMatchObject({
        outcome: 'skip',
        reason: 'UserManagedKms',
      })
    },
  )

  it('is no reason to move a Tenant that is connected to a key server of ours', () => {
    const stored = tenant({ env: tenantEnv(0), externalClientCertSecrets: [ourEntry] })
    const { dials } = inject(tenantUpdate(stored, tenant()))
    expect(dials).toBe('https://kes-default.kes-system.svc:7373')
  })
})
