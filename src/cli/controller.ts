import { randomBytes } from 'node:crypto'
import { ControllerSettings } from '../config/controllerSettings.ts'
import { readSettings } from '../config/settings.ts'
import { clockProblem } from '../controller/clockSkew.ts'
import { kesConnection } from '../controller/kesConnection.ts'
import { replicaConnection } from '../controller/replicaConnection.ts'
import { runController } from '../controller/controller.ts'
import { systemClock } from '../kube/clock.ts'
import { loadConnection } from '../kube/connection.ts'
import { createHttpClient } from '../kube/httpClient.ts'
import { startElection } from '../kube/lease.ts'
import { startHealthServer } from '../observe/healthServer.ts'
import { createLog } from '../observe/log.ts'
import { createMeter } from '../observe/metrics.ts'
import { exitCodes, type Invocation } from './command.ts'
import { settingsHelp } from './settingsHelp.ts'
import { untilSignalled } from './untilSignalled.ts'

/** `kes-injector controller`: campaigns for the Lease, works while it holds it, and ends with its term. */
export async function runControllerCommand({ argv, environment }: Invocation): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(settingsHelp('controller', ControllerSettings))
    return exitCodes.ok
  }
  const settings = readSettings(ControllerSettings, argv, environment)
  const log = createLog({ level: settings.logLevel })
  const meter = createMeter({ ofNode: true })
  const clock = systemClock
  const client = createHttpClient(loadConnection(), clock)
  const stopping = untilSignalled()

  const election = startElection(
    client,
    {
      lease: { namespace: settings.releaseNamespace, name: settings.leaseName },
      identity: `${settings.podName}_${randomBytes(4).toString('hex')}`,
    },
    (leadership) => {
      log.info('this process leads', { epoch: leadership.epoch })
      return runController(
        settings,
        {
          client,
          door: kesConnection(client, settings.releaseNamespace),
          replicas: replicaConnection(client, settings.releaseNamespace),
          clock,
          random: Math.random,
          randomBytes,
          log,
          meter,
          clockSkewMs: () => client.serverClockSkewMs(),
          watcher: { acted: (controller, key, action) => log.info('acted', { controller, key, action }) },
        },
        leadership,
      )
    },
    { clock, random: Math.random, log },
  )
  meter.follow('leader', () => [[{}, election.isLeader() ? 1 : 0]])
  // Ready means able to lead, whether it leads or waits.
  const readiness = {
    'api-server': () => (client.serverClockSkewMs() === undefined ? 'the API server has not answered yet' : undefined),
    clock: () => clockProblem(client.serverClockSkewMs()),
  }
  const health = await startHealthServer({ liveness: {}, readiness, meter, log }, settings.healthPort)
  stopping.addEventListener('abort', () => void election.stop(), { once: true })

  const { reason, error } = await election.ended
  await health.close()
  client.close()
  if (reason === 'stopped') {
    log.info('stopped')
    return exitCodes.ok
  }
  log.error('the term as leader is over: the next start begins with nothing remembered', { reason, error })
  return exitCodes.failed
}
