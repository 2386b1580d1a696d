import { spawn } from 'node:child_process'
import { keyServerWorkload, kesPort } from '../../src/api/names.ts'
import { connect, type StatefulKes } from '../../src/kes/statefulClient.ts'
import type { PairPem } from '../../src/pki/pair.ts'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { findProgram } from '../rig/programs/programs.ts'
import type { E2eCluster } from './cluster.ts'

/** Calls the KES of a KeyServer from this machine, as somebody with this pair. */
export async function askKes<T>(
  cluster: E2eCluster,
  keyServer: string,
  pair: PairPem & { readonly authorityPem: string },
  ask: (kes: StatefulKes) => Promise<T>,
): Promise<T> {
  const workload = keyServerWorkload(keyServer)
  const forwarding = await forward(cluster, `pod/${workload}-0`)
  const kes = connect({
    endpoint: `https://${workload}.${releaseNamespace}.svc:${forwarding.port}`,
    lookupAddress: '127.0.0.1',
    ca: pair.authorityPem,
    cert: pair.certificatePem,
    key: pair.keyPem,
    timeoutMs: 10_000,
  })
  try {
    return await ask(kes)
  } finally {
    kes.close()
    forwarding.end()
  }
}

function forward(
  { environment }: E2eCluster,
  target: string,
): Promise<{ readonly port: number; readonly end: () => void }> {
  return new Promise((resolve, reject) => {
    const args = ['port-forward', '-n', releaseNamespace, target, `:${kesPort}`, '--address', '127.0.0.1']
    const child = spawn(findProgram('kubectl').path, args, { env: { ...process.env, ...environment } })
    let said = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString()
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(said) ?? []
      if (port !== undefined) resolve({ port: Number(port), end: () => void child.kill('SIGKILL') })
    })
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()))
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`kubectl port-forward ended: ${said}`)))
  })
}
