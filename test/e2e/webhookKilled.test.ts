import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { pods } from '../../src/kube/resources.ts'
import { startCreations } from '../apiserver/steadyCreations.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster } from './cluster.ts'
import { connectionsTo, processOfPod } from './podProcess.ts'

const perSecond = 50
const webhookPort = 8443

describeInCluster('one of two webhooks that is killed', (cluster) => {
  const labelSelector = 'app.kubernetes.io/name=kes-injector,app.kubernetes.io/component=webhook'
  const webhooks = async () => (await cluster.client.list(pods, { namespace: releaseNamespace, labelSelector })).items

  it('costs the creations on its connections and the first new ones, and none after a second', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const stream = startCreations(cluster.tier.kubeconfig, namespace.name, perSecond)
    await delay(3_000)
    const found = (await webhooks()).map(({ metadata: { name, uid = '' } }) => {
      const pid = processOfPod(uid, 'webhook')
      return { name, pid, connections: connectionsTo(pid, webhookPort) }
    })
    expect(found).toHaveLength(2)
    const [busiest] = found.sort((one, other) => other.connections - one.connections)
    if (!busiest) throw new Error('there is no webhook')
    process.kill(busiest.pid, 'SIGKILL')
    const killedMs = performance.now()
    const back = async () => {
      const pod = (await webhooks()).find(({ metadata }) => metadata.name === busiest.name)
      const [container] = pod?.status?.containerStatuses ?? []
      return (container?.ready && container.restartCount > 0) || undefined
    }
    await until(back, { what: 'it to be back', timeoutMs: 60_000, everyMs: 100 })
    await delay(1_000)
    const creations = await stream.end()
    const failed = creations.filter(({ isConnected }) => !isConnected)
    const sinceKill = failed.map(({ atMs, refused = 'stored bare' }) => ({ ms: Math.round(atMs - killedMs), refused }))
    console.log(
      `${creations.length} creations, connections ${found.map(({ connections }) => connections).join(' and ')}, ` +
        `failed: ${sinceKill.map(({ ms, refused }) => `${ms} ms after the kill (${refused.split(': ').slice(-2).join(': ')})`).join(', ') || 'none'}`,
    )
    expect(sinceKill.filter(({ refused }) => refused === 'stored bare')).toEqual([])
    expect(sinceKill.filter(({ ms }) => ms < -5_000 || ms > 1_000)).toEqual([])
    // A new connection may be sent to it once more, before the Service knows that it is gone.
    const isNew = (refused: string): boolean => /connection refused|no route to host/.test(refused)
    expect(sinceKill.filter(({ refused }) => !isNew(refused)).length).toBeLessThanOrEqual(busiest.connections)
    expect(creations.length).toBeGreaterThan(perSecond * 3)
  })
})
