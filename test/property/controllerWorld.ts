import { randomBytes } from 'node:crypto'
import { ControllerSettings } from '../../src/config/controllerSettings.ts'
import { runController } from '../../src/controller/controller.ts'
import { secretText } from '../../src/controller/found.ts'
import { storedAuthority } from '../../src/controller/storedAuthority.ts'
import { identityOf } from '../../src/kes/identity.ts'
import {
  keyServers,
  leases,
  mutatingWebhookConfigurations,
  namespaces,
  pods,
  secretMetadata,
  secrets,
  statefulSets,
} from '../../src/kube/resources.ts'
import { createMeter } from '../../src/observe/metrics.ts'
import type { Authority } from '../../src/pki/authority.ts'
import { keyServer } from '../unit/controller/keyServers.ts'
import { memoryClient, type MemoryClient } from '../unit/controller/memoryClient.ts'
import { memoryKes } from '../unit/controller/memoryKes.ts'
import { createFakeClock, type FakeClock } from '../unit/kube/fakeClock.ts'
import { createSilentLog, type Line } from '../unit/kube/silentLog.ts'
import { watchedClient } from './watchedClient.ts'

const releaseNamespace = 'kes-system'
const leaseEveryMs = 20_000

/** Every pair that is renewed, by what it is for. */
export const leaves = {
  client: { namespace: releaseNamespace, name: 'identity.team-a.kes-client' },
  handedOut: { namespace: 'team-a', name: 'kes-client' },
  server: { namespace: releaseNamespace, name: 'kes-default-server' },
  webhook: { namespace: releaseNamespace, name: 'kes-injector-webhook-tls' },
} as const
export type Leaf = keyof typeof leaves

/** The whole controller at work, with a clock that can be set, beside an API server that has one of its own. */
export interface ControllerWorld extends AsyncDisposable {
  readonly clock: FakeClock
  readonly client: MemoryClient
  /** Of the key server, of its clients, and of the webhook. */
  readonly authorities: () => Promise<Readonly<Record<'kes' | 'webhook', Authority>>>
  /** Called after each read of the controller's, with the name of the object. */
  readonly onRead: (seen: (name: string) => void) => void
  readonly log: readonly Line[]
  /** Sets this machine's clock, and the API server's where it agrees; whatever can issue is woken before anything else is heard. */
  readonly jump: (ms: number, apiServerAgrees: boolean) => void
  readonly certificates: () => Readonly<Record<Leaf, string>>
  readonly identities: () => Readonly<Record<Leaf, string>>
}

/** Brings everything up, from a labelled namespace to an identity that is handed out, and lets the controller rest. */
export async function startController(certificates: object = {}): Promise<ControllerWorld> {
  const clock = createFakeClock()
  const beganMs = clock.now().getTime() - clock.monotonicMs()
  const kes = memoryKes()
  const client = memoryClient(
    [keyServers, keyServer({ certificates: { renewAt: 0.667, ...certificates } })],
    [namespaces, { metadata: { name: 'team-a', labels: { 'kes-injector.io/inject': 'enabled' } } }],
    [
      mutatingWebhookConfigurations,
      {
        metadata: { name: 'kes-injector' },
        webhooks: [{ name: 'minio-pods.kes-injector.io', clientConfig: {} }],
      } as never,
    ],
  )
  let serverJumpedMs = 0
  let skewMs: number | undefined
  // Each answer of an API server carries its date.
  let seen: (name: string) => void = () => undefined
  const dated = watchedClient(client, (name) => {
    skewMs = clock.now().getTime() - (beganMs + clock.monotonicMs() + serverJumpedMs)
    kes.upMs = clock.monotonicMs()
    seen(name)
  })
  // The lease is renewed all the time, and what is answered has a date.
  let cancelLease = (): void => undefined
  const renewLease = (): void => {
    void dated.get(leases, { namespace: releaseNamespace, name: 'kes-injector-controller' })
    cancelLease = clock.after(leaseEveryMs, renewLease)
  }
  renewLease()
  const log = createSilentLog()
  const term = new AbortController()
  const ended = runController(
    ControllerSettings.parse({
      releaseNamespace,
      podName: 'controller',
      statefulImage: 'kes-stateful:1',
      agentImage: 'kes-injector:1',
      webhookConfiguration: 'kes-injector',
    }),
    {
      client: dated,
      door: kes,
      replicas: { eachAsAdmin: () => Promise.resolve([]), eachAs: () => Promise.resolve([]) },
      clock,
      random: () => 0.5,
      randomBytes,
      log,
      meter: createMeter(),
      clockSkewMs: () => skewMs,
      watcher: { acted: () => undefined },
    },
    { signal: term.signal, epoch: 1 },
  )
  const text = (leaf: Leaf): string => {
    const secret = client.at(secrets, leaves[leaf])
    return (secret && secretText(secret, 'tls.crt')) ?? ''
  }
  const ofEach = (tell: (leaf: Leaf) => string) =>
    Object.fromEntries(Object.keys(leaves).map((leaf) => [leaf, tell(leaf as Leaf)])) as Record<Leaf, string>

  for (let minute = 0; minute < 4; minute++) {
    const ref = { namespace: releaseNamespace, name: 'kes-default-0' }
    const running = { name: 'kes', ready: true, state: { running: {} }, image: '', imageID: '', restartCount: 0 }
    if (client.at(statefulSets, { ...ref, name: 'kes-default' }) && !client.at(pods, ref))
      client.place(pods, { metadata: ref, status: { podIP: '10.0.0.9', containerStatuses: [running] } })
    await clock.advance(60_000)
  }
  return {
    clock,
    client,
    authorities: async () => ({
      kes: await storedAuthority(client, { namespace: releaseNamespace, name: 'kes-default-authority-1' }),
      webhook: await storedAuthority(client, { namespace: releaseNamespace, name: 'kes-injector-webhook-authority' }),
    }),
    onRead: (next) => (seen = next),
    log: log.lines,
    jump: (ms, apiServerAgrees) => {
      clock.jump(ms)
      if (apiServerAgrees) serverJumpedMs += ms
      dated.touch(keyServers, { name: 'default' })
      dated.touch(secretMetadata, leaves.webhook)
    },
    certificates: () => ofEach(text),
    identities: () => ofEach((leaf) => identityOf(text(leaf))),
    [Symbol.asyncDispose]: async () => {
      term.abort()
      cancelLease()
      await clock.advance(1)
      await ended
    },
  }
}
