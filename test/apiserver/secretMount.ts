import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../src/kube/client.ts'
import { systemClock } from '../../src/kube/clock.ts'
import { startReflector } from '../../src/kube/reflector.ts'
import { secrets, type Secret } from '../../src/kube/resources.ts'
import { createLog } from '../../src/observe/log.ts'

/**
 * Stands in for the kubelet's mount of a Secret: a folder whose files are links through `..data`, which is exchanged in one step
 * (Kubernetes, pkg/volume/util/atomic_writer.go). A deleted Secret leaves the files as they are.
 */
export function mountSecret(client: Client, secret: { namespace: string; name: string }, folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const reflector = startReflector(
    client,
    secrets,
    { namespace: secret.namespace, fieldSelector: `metadata.name=${secret.name}` },
    { clock: systemClock, random: Math.random, log: createLog({ level: 'error' }) },
  )
  reflector.synced.catch(() => undefined)
  reflector.store.subscribe(({ type, object }) => {
    if (type !== 'deleted') exchange(folder, object)
  })
  return () => reflector.stop()
}

let generation = 0

function exchange(folder: string, { data = {} }: Secret): void {
  const name = `..${String(++generation)}`
  mkdirSync(join(folder, name))
  for (const [key, content] of Object.entries(data)) {
    writeFileSync(join(folder, name, key), Buffer.from(content, 'base64'), { mode: 0o600 })
  }
  const next = join(folder, '..data_tmp')
  rmSync(next, { force: true })
  symlinkSync(name, next)
  renameSync(next, join(folder, '..data'))
  for (const key of Object.keys(data)) {
    rmSync(join(folder, key), { force: true })
    symlinkSync(join('..data', key), join(folder, key))
  }
}
