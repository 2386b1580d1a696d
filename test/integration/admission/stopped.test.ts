import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePorts } from '../../rig/freePort.ts'
import { until } from '../../rig/waiting.ts'
import { startQuietApiServer } from './quietApiServer.ts'

const program = join(import.meta.dirname, '../../../src/main.ts')

it('a webhook that is told to stop before it has a certificate stops at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kes-injector-stopped-'))
  await using apiServer = await startQuietApiServer(['team-a'])
  writeFileSync(join(folder, 'kubeconfig'), apiServer.kubeconfig, { mode: 0o600 })
  const [port = 0, healthPort = 0] = await freePorts(2)
  const flags = ['--release-namespace=kes-system', `--certificate-directory=${folder}`, `--port=${port}`]
  const child = spawn(process.execPath, [program, 'webhook', ...flags, `--health-port=${healthPort}`], {
    env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') },
    stdio: 'ignore',
  })
  try {
    const ended = once(child, 'exit')
    const alive = async () =>
      (await fetch(`http://127.0.0.1:${healthPort}/healthz`).catch(() => undefined))?.ok || undefined
    await until(alive, { what: 'the webhook to be alive', timeoutMs: 20_000 })
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
