import { describe, expect, it } from 'vitest'
import { createRecorder, type Occurrence } from '../../../src/kube/events.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import { events, type Event } from '../../../src/kube/resources.ts'
import { createFakeClock } from './fakeClock.ts'
import { createMemoryClient } from './memoryClient.ts'
import { createSilentLog } from './silentLog.ts'

const identity: KubeObject = {
  apiVersion: 'kes-injector.io/v1alpha1',
  kind: 'KesIdentity',
  metadata: { namespace: 'tenant', name: 'default', uid: 'u1', resourceVersion: '5' },
}
const renewed: Occurrence = { type: 'Normal', reason: 'Renewed', action: 'Renew', note: 'renewed until March' }

function setUp() {
  const client = createMemoryClient()
  const clock = createFakeClock()
  const log = createSilentLog()
  const options = { controller: 'kes-injector.io/controller', instance: 'controller-0' }
  const recorder = createRecorder(client, options, { clock, log })
  const names = () => [...new Set(client.writes.map(({ key }) => key))]
  const stored = (key: string | undefined): Event | undefined => {
    const [namespace = '', name = ''] = key?.split(/\/(.*)/) ?? []
    return client.stored(events, { namespace, name })
  }
  return { client, clock, log, recorder, names, stored }
}

describe('the recorder of Events', () => {
  it('tells what happened to which object, who says so and when', async () => {
    const { recorder, names, stored } = setUp()
    recorder.record(identity, renewed)
    await recorder.flush()
    expect(stored(names()[0])).toMatchObject({
      ...renewed,
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'kes-injector.io/controller',
      reportingInstance: 'controller-0',
      regarding: {
        apiVersion: 'kes-injector.io/v1alpha1',
        kind: 'KesIdentity',
        namespace: 'tenant',
        name: 'default',
        uid: 'u1',
      },
    })
    expect(stored(names()[0])?.series).toBeUndefined()
  })

  it('counts the same within ten minutes in one series, and begins anew after a quiet time', async () => {
    const { clock, recorder, names, stored } = setUp()
    for (let time = 0; time < 3; time++) {
      recorder.record(identity, renewed)
      await recorder.flush()
      await clock.advance(599_000)
    }
    expect(names()).toHaveLength(1)
    expect(stored(names()[0])?.series).toEqual({ count: 3, lastObservedTime: '2026-01-01T00:19:58.000000Z' })
    await clock.advance(1_000)
    recorder.record(identity, renewed)
    await recorder.flush()
    expect(names()).toHaveLength(2)
  })

  it('keeps apart what differs in object, reason or note', async () => {
    const { recorder, names } = setUp()
    recorder.record(identity, renewed)
    recorder.record({ ...identity, metadata: { ...identity.metadata, uid: 'u2' } }, renewed)
    recorder.record(identity, { ...renewed, reason: 'Rekeyed' })
    recorder.record(identity, { ...renewed, note: 'another' })
    await recorder.flush()
    expect(names()).toHaveLength(4)
  })

  it('puts Events about cluster-scoped objects where the API server wants them', async () => {
    const { recorder, names, stored } = setUp()
    recorder.record({ kind: 'KeyServer', metadata: { name: 'default' } }, renewed)
    await recorder.flush()
    expect(stored(names()[0])?.metadata.namespace).toBe('default')
  })

  it('never throws and never stops, whatever the API server does', async () => {
    const { client, log, recorder, names } = setUp()
    client.failAll('Forbidden')
    recorder.record(identity, renewed)
    await recorder.flush()
    expect(log.lines).toHaveLength(1)
    client.failAll(undefined)
    recorder.record(identity, { ...renewed, note: 'another' })
    await recorder.flush()
    expect(names()).toHaveLength(1)
  })

  it('writes a series whole when its first Event was lost', async () => {
    const { client, recorder, names, stored } = setUp()
    client.failNext('create', 'ServerError')
    recorder.record(identity, renewed)
    recorder.record(identity, renewed)
    await recorder.flush()
    expect(stored(names()[0])?.series?.count).toBe(2)
  })

  it('writes 50 at once and then two a second, and still counts what it did not write', async () => {
    const { client, clock, recorder, names, stored } = setUp()
    for (let time = 0; time < 500; time++) recorder.record(identity, renewed)
    await recorder.flush()
    expect(client.writes).toHaveLength(50)
    await clock.advance(1_000)
    recorder.record(identity, renewed)
    await recorder.flush()
    expect(stored(names()[0])?.series?.count).toBe(501)
  })

  it('keeps within the limits of the API server', async () => {
    const { recorder, names, stored } = setUp()
    const name = `${'n'.repeat(229)}.${'n'.repeat(23)}`
    recorder.record({ ...identity, metadata: { ...identity.metadata, name } }, { ...renewed, note: 'ä'.repeat(1_000) })
    await recorder.flush()
    const event = stored(names()[0])
    expect(event?.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
    expect(event?.metadata.name.length).toBeLessThanOrEqual(253)
    expect(event?.metadata.name).not.toContain('..')
    expect(event?.note).toBe('ä'.repeat(512))
  })
})
