import type { ControllerSettings } from '../config/controllerSettings.ts'
import type { Client } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import { createRecorder } from '../kube/events.ts'
import type { Leadership } from '../kube/lease.ts'
import { createWorkQueue, type WorkQueue } from '../kube/workQueue.ts'
import { runWorkers } from '../kube/workers.ts'
import type { Log } from '../observe/log.ts'
import type { Meter } from '../observe/metrics.ts'
import { clockProblem } from './clockSkew.ts'
import type { KesDoor } from './kesDoor.ts'
import { enrolStateful } from './kesIdentity/enrolStateful.ts'
import { kesIdentityReconciler } from './kesIdentity/reconciler.ts'
import { statefulReconciler } from './stateful/reconciler.ts'
import { namespaceReconciler } from './namespace/reconciler.ts'
import { reconcile, type Reconciler, type Watcher } from './reconciler.ts'
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
  const now = () => clock.now()

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
  const enrollers = { stateful: enrolStateful(edges.door) }
  const common = { client, now, tell, releaseNamespace }
  const reconcilers = {
    servingCertificate: servingCertificate({
      ...common,
      configurationName: settings.webhookConfiguration,
      serviceName: settings.webhookService,
    }),
    stateful: statefulReconciler({
      ...common,
      door: edges.door,
      random: edges.randomBytes,
      statefulImage: settings.statefulImage,
      networkPolicies: settings.networkPolicies === 'true',
      statefulImagePullPolicy: settings.statefulImagePullPolicy,
      keyServerAccount: settings.keyServerAccount,
      clusterDomain: settings.clusterDomain,
      identitiesOf: (keyServer) => watches.identitiesOf(keyServer),
    }),
    kesIdentity: kesIdentityReconciler({ ...common, enrollers }),
    namespace: namespaceReconciler(common),
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
      run('keyServer', toRest(reconcilers.stateful)),
      run('kesIdentity', toRest(reconcilers.kesIdentity)),
      run('namespace', toRest(reconcilers.namespace)),
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
