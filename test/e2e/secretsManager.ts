import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { run } from '../rig/command.ts'
import { network } from '../rig/cluster/network.ts'
import { freePorts } from '../rig/freePort.ts'
import { ensureMoto } from '../rig/programs/moto.ts'
import { until } from '../rig/waiting.ts'
import type { E2eTier } from './cluster.ts'

/** A key management system beside the cluster, at an address that pods reach. It forgets everything when it stops. */
export interface SecretsManager extends AsyncDisposable {
  /** The section of a KES configuration that leads there. */
  readonly keystore: string
  /** Ends it, as if it were unplugged. */
  readonly stop: () => Promise<void>
}

/** AWS Secrets Manager, played by moto's server (PyPI: moto[server], fetched once). */
export async function startSecretsManager({ inNetwork }: E2eTier): Promise<SecretsManager> {
  const [port = 0] = await freePorts(1)
  const [program = '', ...args] = inNetwork
  const child = spawn(program, [...args, ...(await ensureMoto()), '-H', network.nodeAddress, '-p', String(port)], {
    stdio: 'ignore',
    detached: true,
  })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  const endpoint = `http://${network.nodeAddress}:${port}`
  const answers = async (): Promise<true | undefined> => {
    if (child.exitCode !== null) throw new Error('moto_server ended: is moto[server] installed?')
    return run(program, [...args, 'curl', '-sf', '-o', '/dev/null', `${endpoint}/moto-api/`]).then(
      () => true as const,
      () => undefined,
    )
  }
  try {
    await until(answers, { what: 'moto to answer', timeoutMs: 60_000, everyMs: 300 })
  } catch (error) {
    await stop()
    throw error
  }
  const credentials = 'credentials: { accesskey: any, secretkey: any }'
  return {
    keystore: `aws:\n  secretsmanager: { endpoint: "${endpoint}", region: us-east-1, ${credentials} }\n`,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
