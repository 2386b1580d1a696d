import { expect, it } from 'vitest'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { startOwnApiServer } from './ownApiServer.ts'
import { startCreations } from './steadyCreations.ts'

const perSecond = 20

it('in a namespace without the label no pod is refused or touched through upgrade, rollback, uninstallation and installation', async () => {
  await using server = await startOwnApiServer()
  await using namespace = await server.makeNamespace()
  const release = ['kes-injector', '-n', releaseNamespace]
  const stream = startCreations(server.kubeconfig, namespace.name, perSecond)
  await server.helm([
    'upgrade',
    ...release.slice(0, 1),
    server.chart,
    ...release.slice(1),
    '--set',
    'webhook.timeoutSeconds=4',
  ])
  await server.helm(['rollback', ...release.slice(0, 1), '1', ...release.slice(1)])
  await server.helm(['uninstall', ...release])
  await server.helm(['install', ...release.slice(0, 1), server.chart, ...release.slice(1)])
  const creations = await stream.end()
  console.log(`${creations.length} creations through upgrade, rollback, uninstall and install`)
  expect(creations.flatMap(({ refused }) => (refused === undefined ? [] : [refused]))).toEqual([])
  expect(creations.filter(({ isConnected }) => isConnected)).toEqual([])
  expect(creations.length).toBeGreaterThan(perSecond * 2)
})
