import type { ControllerSettings } from '../config/controllerSettings.ts'
import type { Client } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import { createRecorder } from '../kube/events.ts'
import type { Leadership } from '../kube/lease.ts'
import { createWorkQueue, type WorkQueue } from '../kube/workQueue.ts'
import { runWorkers } from '../kube/workers.ts'
import type { Log } from '../observe/log.ts'
import type { Meter } from '../observe/metrics.ts'
import { clockProblem, rightTime } from './clockSkew.ts'
import { enrolExternal } from './external/enrolExternal.ts'
import { externalDoor } from './external/externalDoor.ts'
import { externalReconciler } from './external/reconciler.ts'
import type { KesDoor } from './kesDoor.ts'
import { byPlacement } from './kesIdentity/byPlacement.ts'
import { enrolServer } from './kesIdentity/enrolServer.ts'
import { certManager } from './issuance/issuer.ts'
import { enrolStateful } from './kesIdentity/enrolStateful.ts'
import { kesIdentityReconciler } from './kesIdentity/reconciler.ts'
import { enrolSidecar } from './sidecar/enrolSidecar.ts'
import { sidecarKeyServerReconciler } from './sidecar/keyServerReconciler.ts'
import { sidecarReconciler } from './sidecar/reconciler.ts'
import { statefulReconciler } from './stateful/reconciler.ts'
import { namespaceReconciler } from './namespace/reconciler.ts'
import { reconcile, type Reconciler, type Watcher } from './reconciler.ts'
import type { ReplicaDoor } from './replicaDoor.ts'
import { serverReconciler } from './server/reconciler.ts'
import { servingCertificate } from './servingCertificate/reconciler.ts'
import type { Tell } from './tell.ts'
import { tenantReconciler } from './tenant/reconciler.ts'
import { servingKey, type Controller, type Wake } from './triggers.ts'
import { newCallers } from './watchdog/callers.ts'
import { newFollowers } from './watchdog/followers.ts'
import { watchdogReconciler } from './watchdog/reconciler.ts'
import { startWatches } from './watches.ts'

export interface ControllerEdges {
  readonly client: Client
  readonly door: KesDoor
  readonly replicas: ReplicaDoor
  readonly clock: Clock
  /** 0 … 1, as `Math.random`. */
  readonly random: () => number
  readonly randomBytes: (size: number) => Buffer
  readonly log: Log
  readonly meter: Meter
  /** This machine's clock minus the API server's; undefined while nobody knows. */
  readonly clockSkewMs: () => number | undefined
  /** Told of each action after it was carried out. */
  readonly watcher: Watcher
}

const wrongClockMs = 30_000

/**
 * All reconcilers, for one term as leader: watches what wakes them, works their queues, and returns when the term is over and nothing
 * of it runs any more.
 */
export async function runController(
  settings: ControllerSettings,
  edges: ControllerEdges,
  { signal }: Leadership,
): Promise<void> {
  const { client, clock, random, log, meter } = edges
  const { releaseNamespace } = settings
  const now = rightTime(() => clock.now(), edges.clockSkewMs)

  const recorder = createRecorder(
    client,
    { controller: 'kes-injector.io/controller', instance: settings.podName },
    { clock, log },
  )
  const tell: Tell = (about, type, reason, note) => recorder.record(about, { type, reason, action: 'Reconcile', note })

  const queues = byController((): WorkQueue => createWorkQueue({ clock, random }))
  meter.follow('workqueue_depth', () =>
    Object.entries(queues).map(([controller, queue]) => [{ controller }, queue.depth()] as const),
  )
  const wake = (wakes: readonly Wake[]) => {
    for (const [controller, key] of wakes) queues[controller].add(key)
  }
  // Without a webhook nobody serves its certificate, and the controller may not read the configuration that would hold its authority.
  const servesWebhook = settings.injectionMode === 'Webhook'
  const watches = startWatches(
    client,
    { releaseNamespace, webhookConfiguration: servesWebhook ? settings.webhookConfiguration : undefined },
    { clock, random, log },
    wake,
  )
  meter.follow('certificate_not_after_seconds', () => watches.expiries())
  if (servesWebhook) wake([['servingCertificate', servingKey]])

  const callers = newCallers()
  const issuer = certManager(client, releaseNamespace, now)
  const toExternal = externalDoor(client, releaseNamespace)
  const enrollers = {
    stateful: enrolStateful(edges.door),
    server: byPlacement({ Service: enrolServer(edges.replicas), Sidecar: enrolSidecar(client) }),
    external: enrolExternal(toExternal),
  }
  const common = { client, now, tell, releaseNamespace }
  const reconcilers = {
    servingCertificate: servingCertificate({
      ...common,
      configurationName: settings.webhookConfiguration,
      serviceName: settings.webhookService,
    }),
    stateful: statefulReconciler({
      ...common,
      issuer,
      door: edges.door,
      random: edges.randomBytes,
      statefulImage: settings.statefulImage,
      networkPolicies: settings.networkPolicies === 'true',
      statefulImagePullPolicy: settings.statefulImagePullPolicy,
      keyServerAccount: settings.keyServerAccount,
      clusterDomain: settings.clusterDomain,
      identitiesOf: (keyServer) => watches.identitiesOf(keyServer),
    }),
    server: serverReconciler({
      ...common,
      issuer,
      replicas: edges.replicas,
      serverImage: settings.serverImage,
      serverImagePullPolicy: settings.serverImagePullPolicy,
      agentImage: settings.agentImage,
      agentImagePullPolicy: settings.agentImagePullPolicy,
      networkPolicies: settings.networkPolicies === 'true',
      keyServerAccount: settings.keyServerAccount,
      clusterDomain: settings.clusterDomain,
      identitiesOf: (keyServer) => watches.identitiesOf(keyServer),
    }),
    external: externalReconciler({
      ...common,
      door: toExternal,
      identitiesOf: (keyServer) => watches.identitiesOf(keyServer),
    }),
    kesIdentity: kesIdentityReconciler({ ...common, enrollers, issuer }),
    keyServerInPods: sidecarKeyServerReconciler(common),
    namespace: namespaceReconciler(common),
    sidecar: sidecarReconciler(common),
    watchdog: watchdogReconciler({
      ...common,
      callers,
      followers: newFollowers({ door: edges.door, callers, clock, log, signal }),
      identitiesOf: (keyServer) => watches.identitiesOf(keyServer),
    }),
    tenant: tenantReconciler({
      ...common,
      clusterDomain: settings.clusterDomain,
      certificates: {
        authority: settings.tenantAuthorityLifetime,
        server: settings.tenantServerLifetime,
        client: settings.tenantClientLifetime,
        renewAt: settings.tenantRenewAt,
      },
    }),
  }
  /** Brings one object to rest; undefined where it is gone, or none of this reconciler's. */
  type ToRest = (key: string, whileLeading: AbortSignal) => Promise<number | undefined>
  const toRest =
    <Observed extends { readonly status: Status }, Step extends { readonly do: string }, Status>(
      reconciler: Reconciler<Observed, Step, Status>,
    ): ToRest =>
    (key, whileLeading) =>
      reconcile(reconciler, key, now, whileLeading, edges.watcher)
  /** Several reconcilers of one queue: to each object one of them answers, the others say that it is none of theirs. */
  const oneOf =
    (...works: readonly ToRest[]): ToRest =>
    async (key, whileLeading) => {
      for (const work of works) {
        const recheckMs = await work(key, whileLeading)
        if (recheckMs !== undefined) return recheckMs
      }
      return undefined
    }
  const run = (name: Controller, work: ToRest): Promise<void> =>
    runWorkers(
      queues[name],
      async (key, whileLeading) => {
        const problem = clockProblem(edges.clockSkewMs())
        if (problem === undefined) return { requeueAfterMs: await work(key, whileLeading) }
        log.error(problem)
        return { requeueAfterMs: wrongClockMs }
      },
      {
        controller: name,
        concurrency: name === 'kesIdentity' ? 4 : 1,
        signal,
        clock,
        log,
        onReconciled: (outcome, durationMs) => {
          meter.count('reconcile_total', { controller: name, outcome })
          meter.observe('reconcile_duration_seconds', { controller: name }, durationMs / 1000)
        },
      },
    )

  try {
    await Promise.race([watches.synced, aborted(signal)])
    if (signal.aborted) return
    log.info('the caches are filled: at work')
    await Promise.all([
      ...(servesWebhook ? [run('servingCertificate', toRest(reconcilers.servingCertificate))] : []),
      run(
        'keyServer',
        oneOf(
          toRest(reconcilers.stateful),
          toRest(reconcilers.server),
          toRest(reconcilers.keyServerInPods),
          toRest(reconcilers.external),
        ),
      ),
      run('kesIdentity', toRest(reconcilers.kesIdentity)),
      run('namespace', toRest(reconcilers.namespace)),
      run('sidecar', toRest(reconcilers.sidecar)),
      run('tenant', toRest(reconcilers.tenant)),
      run('watchdog', toRest(reconcilers.watchdog)),
    ])
  } finally {
    watches.stop()
    await recorder.flush()
  }
}

function byController<T>(make: () => T): Readonly<Record<Controller, T>> {
  return {
    servingCertificate: make(),
    keyServer: make(),
    kesIdentity: make(),
    namespace: make(),
    sidecar: make(),
    tenant: make(),
    watchdog: make(),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
