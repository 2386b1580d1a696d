import { randomUUID } from 'node:crypto'
import { accessLog } from '../admission/accessLog.ts'
import { createHandler } from '../admission/handler.ts'
import { createAdmissionServer } from '../admission/httpServer.ts'
import { shutdown } from '../admission/shutdown.ts'
import { after } from '../admission/soon.ts'
import { reviewItself, warmUp } from '../admission/warmUp.ts'
import { readSettings } from '../config/settings.ts'
import { WebhookSettings } from '../config/webhookSettings.ts'
import { withDefaultMount } from '../injection/tenantMount.ts'
import { systemClock } from '../kube/clock.ts'
import { followCluster } from '../kube/clusterFacts.ts'
import { createHttpClient } from '../kube/httpClient.ts'
import { podConnection } from '../kube/podConnection.ts'
import { startHealthServer } from '../observe/healthServer.ts'
import { createLog } from '../observe/log.ts'
import { createMeter } from '../observe/metrics.ts'
import { certificateFolder } from '../tls/servingCertificate.ts'
import { exitCodes, type Invocation } from './command.ts'
import { settingsHelp } from './settingsHelp.ts'
import { untilSignalled } from './untilSignalled.ts'

const hardStopMs = 10_000
const selfReviewEveryMs = 10_000
const selfReviewTimeoutMs = 2_000

/** `kes-injector webhook`: answers reviews from memory, until it is told to stop. */
export async function runWebhookCommand({ argv, environment }: Invocation): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(settingsHelp('webhook', WebhookSettings))
    return exitCodes.ok
  }
  const settings = readSettings(WebhookSettings, argv, environment)
  const log = createLog({ level: settings.logLevel })
  const meter = createMeter({ ofNode: true })
  const clock = systemClock
  const connection = podConnection(environment) ?? (await import('../kube/connection.ts')).loadConnection()
  const client = createHttpClient(connection, clock)
  const cluster = followCluster(client, { clock, random: Math.random, log })
  const folder = certificateFolder({
    directory: settings.certificateDirectory,
    everyMs: settings.certificatePollMs,
    log,
  })
  const stopping = untilSignalled()
  const ownUid = randomUUID()

  /** What keeps this pod from getting traffic; undefined while nothing does. */
  let problem: string | undefined = 'starting'
  const health = await startHealthServer(
    {
      liveness: {},
      readiness: {
        serving: () => problem,
        caches: () => (cluster.ready() ? undefined : 'the namespaces and key servers are not known yet'),
        certificate: () => {
          const notAfter = folder.current()?.notAfter
          return notAfter === undefined || notAfter <= clock.now() ? 'there is no valid serving certificate' : undefined
        },
      },
      meter,
      log,
    },
    settings.healthPort,
  )
  meter.follow('watch_last_event_age_seconds', () =>
    Object.entries(cluster.lastEventAt()).map(
      ([resource, at]) => [{ resource }, (clock.now().getTime() - at.getTime()) / 1000] as const,
    ),
  )
  meter.follow('certificate_not_after_seconds', () => {
    const notAfter = folder.current()?.notAfter
    return notAfter ? [[{ kind: 'serving', name: 'webhook' }, notAfter.getTime() / 1000]] : []
  })

  const stopped = new Promise<undefined>((resolve) => {
    if (stopping.aborted) resolve(undefined)
    else stopping.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const release = async (): Promise<number> => {
    folder.stop()
    cluster.stop()
    await health.close()
    client.close()
    log.info('stopped')
    return exitCodes.ok
  }

  // Whoever is told to stop before there is a certificate or a filled cache must not wait for either.
  const certificate = await Promise.race([folder.watch(), stopped])
  if (!certificate) return release()
  const server = createAdmissionServer({
    handler: createHandler({
      source: {
        ready: () => cluster.ready(),
        keyServer: (name) => cluster.keyServer(name),
        namespace: (name) =>
          after(cluster.namespace(name), (facts) => facts && withDefaultMount(facts, settings.tenantMount)),
      },
      releaseNamespace: settings.releaseNamespace,
      sidecarImage: { image: settings.serverImage, pullPolicy: settings.serverImagePullPolicy },
    }),
    observer: accessLog(log, meter, ownUid),
    certificate,
    tls: { minVersion: 'TLSv1.3' },
  })
  folder.onChange((next) => server.exchangeCertificate(next))
  await Promise.race([Promise.all([warmUp(), cluster.synced]), stopped])
  if (stopping.aborted) return release()
  const port = await server.listen(settings.port)
  log.info('answers reviews', { port })

  const look = async (): Promise<void> => {
    const fingerprint = folder.current()?.fingerprint ?? ''
    problem = await reviewItself({ port, fingerprint, uid: ownUid, timeoutMs: selfReviewTimeoutMs })
    if (problem !== undefined) log.warn('not ready', { reason: problem })
  }
  await look()
  const looking = setInterval(() => void look(), selfReviewEveryMs)

  await stopped
  clearInterval(looking)
  problem = 'stopping'
  log.info('draining', { durationMs: settings.drainMs })
  await shutdown(server, { graceMs: settings.drainMs, hardStopMs })
  return release()
}
