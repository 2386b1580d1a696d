import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyServers, namespaces, secrets } from '../../src/kube/resources.ts'
import { optIn, refusal, takesPods, type ClusterAccess } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { commandsOf, keepController, runCommands } from './deletionWorld.ts'
import { untilReady } from './keptRunning.ts'
import { minioPod } from './objects.ts'
import { startOwnApiServer, tryOut, type OwnApiServer, type Tried } from './ownApiServer.ts'
import { keyServersOfFixtures, labelsOfFixtures, namespacesOfFixtures, podFixtures } from './podFixtures.ts'
import { useApiServer } from './server.ts'
import { tenantFixtures } from './tenantFixtures.ts'

/** With the real webhook, and without any. */
const webhook = useApiServer()
let policy: OwnApiServer

async function prepare(access: ClusterAccess): Promise<void> {
  await access.create(keyServersOfFixtures)
  for (const [name, annotations] of Object.entries(namespacesOfFixtures)) {
    const metadata = { name, annotations, labels: labelsOfFixtures[name] }
    await access.create([{ apiVersion: 'v1', kind: 'Namespace', metadata }])
    await takesPods(access, name)
  }
  // What is stored was stored before its namespace opted in.
  await access.create(tenantFixtures.flatMap(({ stored }) => (stored ? [stored] : [])))
  for (const name of Object.keys(namespacesOfFixtures)) {
    await access.client.mergePatch(namespaces, { name }, { metadata: { labels: optIn } })
  }
  await until(
    async () =>
      (await tryOut<PodObject>(access, 'create', minioPod('team-a', 'probe'))).stored?.spec.containers[0]?.env,
    {
      what: 'pods to be connected',
      timeoutMs: 60_000,
      everyMs: 200,
    },
  )
}

beforeAll(async () => {
  policy = await startOwnApiServer('injection.mode=Policy')
  await prepare(policy)
  await prepare(webhook)
})
afterAll(async () => {
  for (const name of Object.keys(namespacesOfFixtures)) await webhook.client.delete(namespaces, { name })
  for (const { metadata } of keyServersOfFixtures) await webhook.client.delete(keyServers, { name: metadata.name })
  await policy[Symbol.asyncDispose]()
})

interface PodObject {
  readonly metadata: { readonly labels?: object; readonly annotations?: object }
  readonly spec: { readonly containers: readonly { readonly env?: readonly unknown[] }[] }
}

/** What is compared of a stored object: all that a person or a webhook can write, without the names that the API server draws. */
function seenOf({ stored, refused }: Tried<PodObject>): object {
  if (refused !== undefined) return { refused: true }
  const { metadata, spec } = stored
  const { labels = {}, annotations = {} } = metadata
  return JSON.parse(
    JSON.stringify({ labels, annotations, spec }).replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'token'),
  ) as object
}

/** Where the two modes differ by nature, with the reason. The page docs/how-to/policy-mode.md says the same. */
const differing: Readonly<Record<string, string>> = {
  'with all that we write and another namespace’s key':
    'complete, so the guard lets it pass; KES refuses the key and MinIO ends at its start',
  'has a key of another namespace in a variable beside ours': 'the same, of a Tenant',
}

const both = async (verb: 'create' | 'replace', object: object) => {
  const [ofWebhook, ofPolicy] = await Promise.all([
    tryOut<PodObject>(webhook, verb, object),
    tryOut<PodObject>(policy, verb, object),
  ])
  return { ofWebhook, ofPolicy }
}

describe('without a webhook the very same is stored as with it: a pod', () => {
  it.each(podFixtures.filter(({ what }) => !(what in differing)))('$what ($namespace)', async ({ object }) => {
    const { ofWebhook, ofPolicy } = await both('create', object)
    expect(seenOf(ofPolicy)).toEqual(seenOf(ofWebhook))
    if (ofWebhook.refused !== undefined) {
      expect(ofWebhook.refused).toContain('admission webhook "minio-pods.kes-injector.io" denied the request')
      expect(ofPolicy.refused).toContain('NotConnected')
    }
  })

  it.each(podFixtures.filter(({ what }) => what in differing))(
    '$what differs: the webhook refuses it',
    async ({ object }) => {
      const { ofWebhook, ofPolicy } = await both('create', object)
      expect(ofWebhook.refused).toContain('KeyNameInvalid')
      expect(ofPolicy.refused).toBeUndefined()
    },
  )
})

describe('without a webhook the very same is stored as with it: a Tenant that', () => {
  it.each(tenantFixtures.filter(({ what }) => !(what in differing)))('$what', async ({ stored, object }) => {
    const { ofWebhook, ofPolicy } = await both(stored ? 'replace' : 'create', object)
    expect(seenOf(ofPolicy)).toEqual(seenOf(ofWebhook))
    if (ofWebhook.refused !== undefined) expect(ofPolicy.refused).toMatch(/NotConnected|OperatorCrash/)
  })

  it('differs in no other way than those: the webhook refuses it', async () => {
    for (const { object, stored } of tenantFixtures.filter(({ what }) => what in differing)) {
      const { ofWebhook, ofPolicy } = await both(stored ? 'replace' : 'create', object)
      expect(ofWebhook.refused).toContain('KeyNameInvalid')
      expect(ofPolicy.refused).toBeUndefined()
    }
  })
})

describe('the chart in Policy mode', () => {
  it('has no webhook and nothing that belongs to one', async () => {
    const manifest = await policy.helm(['get', 'manifest', 'kes-injector', '-n', 'kes-injector'])
    const objects = manifest.split(/^---$/m).filter((document) => /^kind: /m.test(document))
    expect(objects.length).toBeGreaterThan(15)
    expect(
      objects.filter((document) =>
        /name: kes-injector-webhook|kind: MutatingWebhook|mutatingwebhookconf/.test(document),
      ),
    ).toEqual([])
  })

  it('is refused where the API server has no such policies, and without the guard, in a clear sentence', async () => {
    const template = (...args: readonly string[]) =>
      refusal(policy.helm(['template', 'x', policy.chart, '--set', 'injection.mode=Policy', ...args]))
    expect(await template()).toContain(
      'this API server has no admissionregistration.k8s.io/v1 MutatingAdmissionPolicy (Kubernetes 1.36 and later)',
    )
    const api = ['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy']
    expect(await template(...api, '--set', 'guard.enabled=false')).toContain('Leave guard.enabled true.')
  })

  it('says why a pod of a namespace whose KeyServer does not exist is not stored', async () => {
    const { refused } = await tryOut(policy, 'create', minioPod('team-unknown', 'minio'))
    expect(refused).toContain('Either its KeyServer ("nowhere") does not exist, does not admit the namespace')
  })

  it('refuses what it cannot do, KES inside MinIO pods, and says so', async () => {
    const { ofWebhook, ofPolicy } = await both('create', minioPod('team-in-pods', 'minio'))
    expect(ofWebhook.stored?.spec).toMatchObject({ initContainers: [{ name: 'kes' }] })
    expect(ofPolicy.refused).toContain('Either its KeyServer ("in-pods")')
    expect(ofPolicy.refused).toContain('has placement Sidecar')
  })

  it('changes to the other and back without one unconnected pod in between', async () => {
    const answers: Tried<PodObject>[] = []
    const ending = new AbortController()
    const stream = (async () => {
      while (!ending.signal.aborted)
        answers.push(await tryOut<PodObject>(policy, 'create', minioPod('team-a', 'minio')))
    })()
    const chart = policy.chart
    await runCommands(
      policy,
      commandsOf('policy-mode.md', 'change').replace('charts/kes-injector', chart).replace('Policy', 'Webhook'),
    )
    await until(() => answers.at(-1)?.refused, {
      what: 'the webhook, which does not run here, to be asked',
      timeoutMs: 60_000,
    })
    await runCommands(policy, commandsOf('policy-mode.md', 'change').replace('charts/kes-injector', chart))
    const before = answers.length
    await until(() => answers.slice(before).at(-1)?.stored, { what: 'pods to be connected again', timeoutMs: 60_000 })
    ending.abort()
    await stream
    const stored = answers.flatMap((each) => (each.stored === undefined ? [] : [each.stored]))
    expect(stored.length).toBeGreaterThan(0)
    expect(stored.filter(({ spec }) => spec.containers[0]?.env?.length !== 5)).toEqual([])
  })

  it('has a controller that works and issues no certificate for a webhook', async () => {
    const { kept, stop } = await keepController(policy, '--injection-mode=Policy')
    try {
      await untilReady(kept)
      const ref = { namespace: 'kes-injector', name: 'kes-default-server' }
      await until(() => policy.client.get(secrets, ref), { what: 'the server certificate of KES', timeoutMs: 30_000 })
      const { items } = await policy.client.list(secrets, { namespace: 'kes-injector' })
      expect(items.filter(({ metadata }) => metadata.name.includes('webhook'))).toEqual([])
    } finally {
      await stop()
    }
  })
})
