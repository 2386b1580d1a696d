// The real controller, wired as src/cli/controller.ts does it but without an election, in a process that kills itself (SIGKILL) at its
// first write. `DIE=after`: the write has been answered. `DIE=during`: it has been sent, and nobody knows whether it happened.
import { randomBytes } from 'node:crypto'
import { ControllerSettings } from '../../src/config/controllerSettings.ts'
import { readSettings } from '../../src/config/settings.ts'
import { replicaConnection } from '../../src/controller/replicaConnection.ts'
import { runController } from '../../src/controller/controller.ts'
import { kesConnection } from '../../src/controller/kesConnection.ts'
import type { KesDoor } from '../../src/controller/kesDoor.ts'
import type { StatefulKes } from '../../src/kes/statefulClient.ts'
import type { Client } from '../../src/kube/client.ts'
import { systemClock } from '../../src/kube/clock.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { createHttpClient } from '../../src/kube/httpClient.ts'
import type { Resource } from '../../src/kube/object.ts'
import { createLog } from '../../src/observe/log.ts'
import { createMeter } from '../../src/observe/metrics.ts'

const moment = process.env['DIE'] === 'during' ? 'during' : 'after'

const longestFlightMs = 20

function die(what: string): never {
  process.stdout.write(`${JSON.stringify({ died: what, moment })}\n`)
  process.kill(process.pid, 'SIGKILL')
  throw new Error('killed')
}

/** Runs one write and does not live to see the next. */
async function last<T>(what: string, write: () => Promise<T>): Promise<T> {
  if (moment === 'after') {
    await write()
    return die(what)
  }
  void write()
  // A handshake, a request and its answer take some milliseconds, on a busy machine some ten: the death falls before, between or after.
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longestFlightMs))
  return die(what)
}

/** Events are no part of the state that must survive. */
const counts = ({ plural }: Resource): boolean => plural !== 'events'

function dyingClient(client: Client): Client {
  const writes = ['create', 'update', 'updateStatus', 'apply', 'mergePatch', 'delete'] as const
  const mortal = Object.fromEntries(
    writes.map((verb) => [
      verb,
      (resource: Resource, ...rest: readonly unknown[]) => {
        const write = () =>
          (client[verb] as (...all: readonly unknown[]) => Promise<unknown>).call(client, resource, ...rest)
        return counts(resource) ? last(`${verb} ${resource.plural}`, write) : write()
      },
    ]),
  )
  return { ...client, ...mortal }
}

function dyingDoor(door: KesDoor): KesDoor {
  const mortal = (kes: StatefulKes): StatefulKes => ({
    ...kes,
    createKey: (name) => last(`createKey ${name}`, () => kes.createKey(name)),
    writePolicy: (name, policy) => last(`writePolicy ${name}`, () => kes.writePolicy(name, policy)),
    assignPolicy: (policy, identity) => last(`assignPolicy ${policy}`, () => kes.assignPolicy(policy, identity)),
  })
  return {
    asAdmin: (keyServer, call) => door.asAdmin(keyServer, (kes) => call(mortal(kes))),
    as: (keyServer, pair, call) => door.as(keyServer, pair, call),
    followCalls: (keyServer, onCall, signal) => door.followCalls(keyServer, onCall, signal),
  }
}

const settings = readSettings(ControllerSettings, process.argv.slice(2), process.env)
const client = createHttpClient(loadConnection(), systemClock)
await runController(
  settings,
  {
    client: dyingClient(client),
    replicas: replicaConnection(client, settings.releaseNamespace),
    door: dyingDoor(kesConnection(client, settings.releaseNamespace)),
    clock: systemClock,
    random: Math.random,
    randomBytes,
    log: createLog({ level: settings.logLevel }),
    meter: createMeter(),
    clockSkewMs: () => client.serverClockSkewMs(),
    watcher: { acted: () => undefined },
  },
  { epoch: 0, signal: new AbortController().signal },
)
