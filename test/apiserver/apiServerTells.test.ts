import { readFileSync } from 'node:fs'
import { auditLines } from '../fixtures/auditLines.ts'
import { describe, expect, it } from 'vitest'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { minioPod, tenant } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const timeoutMs = 5_000

/** What our webhooks told the audit log about each write in a namespace: `decision reason`. */
function toldAbout(namespace: string): readonly string[] {
  return auditLines(cluster.tier.auditLog)
    .filter((line) => line.includes(namespace))
    .map((line) => JSON.parse(line) as { stage: string; annotations?: Readonly<Record<string, string>> })
    .filter(({ stage }) => stage === 'ResponseComplete')
    .flatMap(({ annotations = {} }) =>
      ['minio-pods', 'minio-tenants'].flatMap((webhook) => {
        const decision = annotations[`${webhook}.kes-injector.io/decision`]
        return decision === undefined ? [] : [`${decision} ${annotations[`${webhook}.kes-injector.io/reason`]}`]
      }),
    )
}

describe('the API server', () => {
  it('logs each decision and its reason', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const { name } = own
    const optedOut = { name: 'out', namespace: name, annotations: { 'kes-injector.io/inject': 'disabled' } }
    await cluster.create([minioPod(name, 'minio'), { ...minioPod(name, 'out'), metadata: optedOut }, tenant(name)])
    await refusal(cluster.create([minioPod(name, 'bad', {}, { volumes: [{ name: 'kes-injector', emptyDir: {} }] })]))
    const expected = ['inject Injected', 'skip OptedOut', 'inject Injected', 'deny NameCollision']
    expect([...toldAbout(name)].sort()).toEqual(expected.sort())
  })

  it('finds nothing old-fashioned in the certificate of the webhook', async () => {
    const metrics = (await cluster.kubectl(['get', '--raw', '/metrics'])).split('\n')
    for (const name of ['x509_missing_san_total', 'x509_insecure_sha1_total']) {
      const counted = metrics.filter((line) => line.startsWith(`apiserver_webhooks_${name}`))
      expect(counted).toEqual([`apiserver_webhooks_${name} 0`])
    }
  })

  it('waits for a webhook that hangs no longer than its timeout, and refuses', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const pid = Number(readFileSync(cluster.tier.webhook.pidFile, 'utf8'))
    process.kill(pid, 'SIGSTOP')
    try {
      const startMs = performance.now()
      const said = await refusal(cluster.create([minioPod(own.name, 'minio')]))
      const tookMs = performance.now() - startMs
      expect(said).toContain('failed calling webhook "minio-pods.kes-injector.io"')
      expect(tookMs).toBeGreaterThan(timeoutMs * 0.9)
      // kubectl itself takes a while to start.
      expect(tookMs).toBeLessThan(timeoutMs + 2_000)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await cluster.create([minioPod(own.name, 'minio')])
  })
})
