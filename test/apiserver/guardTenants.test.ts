import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decide } from '../../src/injection/decide.ts'
import { apply } from '../../src/injection/patch.ts'
import { mutatingWebhookConfigurations } from '../../src/kube/resources.ts'
import type { AdmissionRequest, Context } from '../../src/injection/context.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { context, tenantRequest, tenantUpdate } from '../fixtures/requests.ts'
import { tenant, tenants } from './objects.ts'
import { startOwnApiServer, tryOut, untilRefused, type OwnApiServer } from './ownApiServer.ts'
import { tenantFixtures, type TenantFixture } from './tenantFixtures.ts'

let server: OwnApiServer

// Nobody connects anything here. What is stored was stored before its namespace opted in.
beforeAll(async () => {
  server = await startOwnApiServer()
  await server.client.delete(mutatingWebhookConfigurations, { name: 'kes-injector' })
  await server.create([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-a' } }])
  await server.create(tenantFixtures.flatMap(({ stored }) => (stored ? [stored] : [])))
  await server.kubectl(['label', 'namespace', 'team-a', 'kes-injector.io/inject=enabled'])
  await untilRefused(server, tenant('team-a', {}, { name: 'probe' }), 'NotConnected')
})
afterAll(() => server[Symbol.asyncDispose]())

const ofTeamA: Context = {
  ...context,
  namespace: { ...context.namespace, labels: optIn },
  releaseNamespace: 'kes-injector',
}

const requestOf = ({ stored, object }: TenantFixture): AdmissionRequest => ({
  ...(stored ? tenantUpdate(stored, object) : tenantRequest(object)),
  name: (object['metadata'] as { name: string }).name,
})

const nameOf = (what: string): string =>
  (tenantFixtures.find((fixture) => fixture.what === what)?.object['metadata'] as { name: string }).name

const tried = ({ stored }: TenantFixture, object: object) => tryOut(server, stored ? 'replace' : 'create', object)

/** What the webhook refuses and the guard lets pass, because it cannot write anything unencrypted. */
const passing: Readonly<Record<string, string>> = {
  'has a key of another namespace in a variable beside ours': 'KES refuses the key, and MinIO ends at its start',
}

describe('with no webhook in the cluster a Tenant that', () => {
  it.each(tenantFixtures)('$what is stored only where the webhook would leave it as it is', async (fixture) => {
    const decision = decide(requestOf(fixture), ofTeamA)
    const { refused } = await tried(fixture, fixture.object)
    // To be adopted is a wish: a Tenant that ran unconnected goes on as it was, and must not be held up by it.
    const wish = fixture.stored !== undefined && decision.outcome === 'inject' && decision.reason === 'Injected'
    if (decision.outcome === 'skip' || wish || fixture.what in passing) expect(refused).toBeUndefined()
    else if (decision.outcome === 'deny' && decision.reason === 'OperatorCrash')
      expect(refused).toContain('OperatorCrash')
    else expect(refused).toContain('NotConnected')
  })

  it.each(tenantFixtures)('$what is stored once it carries what the webhook adds', async (fixture) => {
    const decision = decide(requestOf(fixture), ofTeamA)
    if (decision.outcome !== 'inject') return
    expect(await tried(fixture, apply(fixture.object, decision.operations) as object)).toHaveProperty('stored')
  })

  it('would lose its settings is refused with what it would lose and how to let go of it', async () => {
    const fixture = tenantFixtures.find(({ what }) => what === 'is applied again as it was written')
    const { refused } = await tried(fixture as TenantFixture, fixture?.object ?? {})
    expect(refused).toContain('this change takes away its KES settings (missing: MINIO_KMS_KES_ENDPOINT')
    expect(refused).toContain('the entry kes-client in externalClientCertSecrets), so it could not read its data.')
    expect(refused).toMatch(
      /annotate it with kes-injector\.io\/inject: disabled and kes-injector\.io\/confirm-delete: store-\d+\./,
    )
  })

  it('carries our files as a volume of its own is stored', async () => {
    const files = ['tls.crt', 'tls.key', 'ca.crt'].map((key) => ({ key, path: key }))
    const env = [
      ['ENDPOINT', 'https://kes-default.kes-injector.svc:7373'],
      ['KEY_NAME', 'team-a_minio'],
      ['CERT_FILE', '/run/kes-injector/tls.crt'],
      ['KEY_FILE', '/run/kes-injector/tls.key'],
      ['CAPATH', '/run/kes-injector/ca.crt'],
    ].map(([name = '', value]) => ({ name: `MINIO_KMS_KES_${name}`, value }))
    const spec = {
      env,
      additionalVolumes: [
        { name: 'kes-injector', projected: { sources: [{ secret: { name: 'kes-client', items: files } }] } },
      ],
      additionalVolumeMounts: [{ name: 'kes-injector', mountPath: '/run/kes-injector' }],
    }
    const mounted = tenant('team-a', spec, { name: 'mounted' })
    expect(await tryOut(server, 'create', mounted)).toHaveProperty('stored')
    const { additionalVolumes: _, ...less } = spec
    expect((await tryOut(server, 'create', tenant('team-a', less, { name: 'mounted' }))).refused).toContain(
      'NotConnected',
    )
  })

  it('gets its status written, with an emptied spec as the operator does, is not looked at', async () => {
    const name = nameOf('is connected and touched')
    const current = await server.client.get(tenants, { namespace: 'team-a', name })
    if (!current) throw new Error(`${name} is not there`)
    await server.client.updateStatus(tenants, {
      ...current,
      spec: { pools: [] },
      status: { currentState: 'Initialized' },
    })
    expect((await server.client.get(tenants, { namespace: 'team-a', name }))?.status).toEqual({
      currentState: 'Initialized',
    })
  })

  it('is deleted is let go, finalizers and all', async () => {
    const unconnected = nameOf('runs unconnected and is touched')
    await server.client.mergePatch(
      tenants,
      { namespace: 'team-a', name: unconnected },
      { metadata: { finalizers: ['a.example/held'] } },
    )
    await server.client.delete(tenants, { namespace: 'team-a', name: unconnected })
    await server.client.mergePatch(
      tenants,
      { namespace: 'team-a', name: unconnected },
      { metadata: { finalizers: null } },
    )
    expect(await server.client.get(tenants, { namespace: 'team-a', name: unconnected })).toBeUndefined()
  })
})
