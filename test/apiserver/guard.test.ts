import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decide } from '../../src/injection/decide.ts'
import { apply } from '../../src/injection/patch.ts'
import type { Context } from '../../src/injection/context.ts'
import { KeyServerSpec } from '../../src/api/keyServer.ts'
import { mutatingWebhookConfigurations } from '../../src/kube/resources.ts'
import { optIn, takesPods } from '../fixtures/clusterAccess.ts'
import { podRequest } from '../fixtures/requests.ts'
import { minioPod, otherPod, tenant } from './objects.ts'
import { startOwnApiServer, tryOut, untilRefused, type OwnApiServer } from './ownApiServer.ts'
import { keyServersOfFixtures, labelsOfFixtures, namespacesOfFixtures, podFixtures } from './podFixtures.ts'

let server: OwnApiServer

// Nobody connects anything here: the configuration is gone, as after a mistake or while a chart is half installed.
beforeAll(async () => {
  server = await startOwnApiServer()
  await server.client.delete(mutatingWebhookConfigurations, { name: 'kes-injector' })
  for (const [name, annotations] of Object.entries(namespacesOfFixtures)) {
    const metadata = { name, annotations, labels: { ...optIn, ...labelsOfFixtures[name] } }
    await server.create([{ apiVersion: 'v1', kind: 'Namespace', metadata }])
    await takesPods(server, name)
  }
  await server.create(keyServersOfFixtures)
  await untilRefused(server, minioPod('team-a', 'probe'), 'NotConnected')
})
afterAll(() => server[Symbol.asyncDispose]())

/** What the webhook would decide about, if it were asked. */
function contextOf(namespace: string): Context {
  const annotations = namespacesOfFixtures[namespace] ?? {}
  const wanted = annotations['kes-injector.io/key-server'] ?? 'default'
  const found = keyServersOfFixtures.find(({ metadata }) => metadata.name === wanted)
  const spec = KeyServerSpec.parse(found?.spec ?? { stateful: {} })
  return {
    namespace: { name: namespace, labels: { ...optIn, ...labelsOfFixtures[namespace] }, annotations },
    keyServer: found || wanted === 'default' ? { name: wanted, spec } : 'unknown',
    releaseNamespace: 'kes-injector',
    sidecarImage: { image: 'kes', pullPolicy: 'IfNotPresent' },
  }
}

/** What the webhook refuses and the guard lets pass, because it cannot write anything unencrypted. */
const passing: Readonly<Record<string, string>> = {
  'with all that we write and another namespace’s key': 'KES refuses the key, and MinIO ends at its start',
}

describe('with no webhook in the cluster a pod', () => {
  it.each(podFixtures)(
    '$what ($namespace) is stored only where the webhook would leave it as it is',
    async (fixture) => {
      const { what, object, namespace } = fixture
      const decision = decide(podRequest(object, { namespace, name: '' }), contextOf(namespace))
      const { refused } = await tryOut(server, 'create', object)
      if (decision.outcome === 'skip' || what in passing) expect(refused).toBeUndefined()
      else
        expect(refused).toContain(
          'NotConnected: this pod runs MinIO in a namespace labelled kes-injector.io/inject=enabled',
        )
    },
  )

  it.each(podFixtures)('$what ($namespace) is stored once it carries what the webhook adds', async (fixture) => {
    const { object, namespace } = fixture
    const decision = decide(podRequest(object, { namespace, name: '' }), contextOf(namespace))
    if (decision.outcome !== 'inject') return
    const connected = apply(object, decision.operations) as object
    expect(await tryOut(server, 'create', connected)).toHaveProperty('stored')
  })

  it('is refused with what is missing, what to look at and how to do without', async () => {
    const { refused } = await tryOut(server, 'create', minioPod('team-a', 'minio'))
    expect(refused).toContain('missing: MINIO_KMS_KES_ENDPOINT, MINIO_KMS_KES_KEY_NAME, MINIO_KMS_KES_CERT_FILE')
    expect(refused).toContain('kubectl get mutatingwebhookconfiguration kes-injector')
    expect(refused).toContain('annotate the pod template with kes-injector.io/inject: disabled')
  })

  it('is stored in a namespace that is never touched, labelled or not, and in one without the label', async () => {
    await using unlabelled = await server.makeNamespace()
    await takesPods(server, 'kube-system')
    await takesPods(server, 'kes-injector')
    for (const name of ['kube-system', 'kes-injector']) {
      await server.kubectl(['label', 'namespace', name, 'kes-injector.io/inject=enabled'])
    }
    for (const name of ['kube-system', 'kes-injector', unlabelled.name]) {
      expect(await tryOut(server, 'create', minioPod(name, 'minio'))).toHaveProperty('stored')
    }
  })

  it('that is there is changed, bound and deleted without a word', async () => {
    await using namespace = await server.makeNamespace()
    await server.create([minioPod(namespace.name, 'minio')])
    await server.kubectl(['label', 'namespace', namespace.name, 'kes-injector.io/inject=enabled'])
    await untilRefused(server, minioPod(namespace.name, 'probe'), 'NotConnected')
    await server.kubectl(['label', 'pod', 'minio', '-n', namespace.name, 'touched=yes'])
    await server.kubectl(['delete', 'pod', 'minio', '-n', namespace.name, '--force'])
  })

  it('of a Deployment waits, and says why in an event, until the webhook is back', async () => {
    const { metadata: _, spec } = minioPod('team-a', 'minio') as { metadata: object; spec: object }
    const labels = { app: 'guarded' }
    await server.create([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'guarded', namespace: 'team-a' },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      },
    ])
    await expect
      .poll(() => server.kubectl(['get', 'events', '-n', 'team-a', '-o', 'jsonpath={.items[*].message}']), {
        timeout: 30_000,
      })
      .toContain('NotConnected: this pod runs MinIO')
  })
})

describe('every other pod', () => {
  it('is stored in a labelled namespace', async () => {
    expect(await tryOut(server, 'create', otherPod('team-a', 'web'))).toHaveProperty('stored')
  })
})

describe('the policies', () => {
  it('name no field that does not exist', async () => {
    const { items } = await server.read<{
      items: { metadata: { name: string }; status?: { typeChecking?: object } }[]
    }>(['get', 'validatingadmissionpolicies'])
    expect(items.map(({ metadata }) => metadata.name)).toEqual([
      'kes-injector-key-owners',
      'kes-injector-key-pvcs',
      'kes-injector-key-secrets',
      'kes-injector-pods',
      'kes-injector-tenants',
    ])
    for (const { status } of items) expect(status?.typeChecking).toEqual({})
  })

  it('bear pods and Tenants of any size and content without an error of their own', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({ name: `A_${String(index)}`, value: 'b' }))
    const odd = [
      minioPod('team-a', 'many', { env: many }),
      minioPod('team-a', 'dup', {
        env: [{ name: 'MINIO_KMS_KES_ENDPOINT' }, { name: 'MINIO_KMS_KES_ENDPOINT', value: 'a' }],
      }),
      minioPod('team-a', 'owned', {}, { initContainers: [{ name: 'a', image: 'a', restartPolicy: 'Always' }] }),
      tenant('team-a', {
        env: [],
        externalClientCertSecrets: [{ name: 'a' }],
        additionalVolumes: [{}, { name: 'x', projected: { sources: [{}] } }],
        additionalVolumeMounts: [{}],
      }),
    ]
    const answers = await Promise.all(odd.map((object) => tryOut(server, 'create', object)))
    expect(answers[0]?.refused).toContain('NotConnected')
    // An expression that fails refuses as well, and says so: `failurePolicy: Fail`.
    for (const { refused } of answers) expect(refused ?? 'NotConnected').toContain('NotConnected')
  })
})
