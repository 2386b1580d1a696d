import { renameSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KesDoor } from '../../../src/controller/kesDoor.ts'
import { checkKey } from '../../../src/controller/keyServer/checkKey.ts'
import type { PodFacts } from '../../../src/controller/keyServer/podFacts.ts'
import type { Server } from '../../../src/controller/stateful/observed.ts'
import { serverOf } from '../../../src/controller/stateful/server.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { until } from '../../rig/waiting.ts'
import { keyServer as object } from '../../unit/controller/keyServers.ts'
import { imagePrograms, type Launched } from './launcher.ts'
import { servingKeyServer, untilUp, type KeyServer } from './keyServer.ts'

let server: KeyServer
let launched: Launched
let admin: StatefulKes
let door: Pick<KesDoor, 'asAdmin'>

beforeAll(async () => {
  await imagePrograms()
  ;({ server, launched, admin } = await servingKeyServer())
  door = { asAdmin: (_keyServer, call) => call(admin) }
  for (const name of [checkKey, 'one_minio', 'one_docs']) await admin.createKey(name)
}, 600_000)
afterAll(() => server.close())

const pod: PodFacts = { name: 'kes-default-0', ip: '127.0.0.1', startedAt: 'x', problem: undefined }

/** Looks as the controller does that has recorded the process it saw last. */
async function look(kesStartedAt?: string): Promise<Extract<Server, { readonly is: 'answering' }>> {
  const recorded = kesStartedAt === undefined ? {} : { kesStartedAt }
  const conditions =
    kesStartedAt === undefined
      ? []
      : [{ type: 'DataKeysPredictable', status: 'False' as const, reason: '', message: '', lastTransitionTime: '' }]
  const status = { conditions, replicas: [{ pod: pod.name, startedAt: 'x', ...recorded }] }
  const seen = await serverOf(door, object({}, status), pod, () => new Date())
  if (seen.is !== 'answering') throw new Error(JSON.stringify(seen))
  return seen
}

async function restart(): Promise<void> {
  const starts = (): number => launched.output().split('"msg":"kes started"').length
  const before = starts()
  writeFileSync(`${server.restartFile}.next`, String(before))
  renameSync(`${server.restartFile}.next`, server.restartFile)
  await until(() => (starts() === before ? undefined : true), { what: 'a restart', timeoutMs: 10_000 })
  await untilUp(admin, launched)
}

describe('a process of the real KES', () => {
  it('is the same one however often it is looked at, and its data keys are tried once', async () => {
    const first = await look()
    expect(first).toMatchObject({
      keys: expect.arrayContaining(['one_docs', 'one_minio']) as unknown,
      predictableDataKeys: false,
    })
    for (let again = 0; again < 5; again++)
      expect(await look(first.startedAt)).toMatchObject({ startedAt: first.startedAt, predictableDataKeys: undefined })
  })

  it('is another one after a restart in place, seen by its age alone, and is tried again', async () => {
    const before = await look((await look()).startedAt)
    // KES tells its age in whole seconds.
    const old = async () => ((await admin.status()).upMs >= 3_000 ? true : undefined)
    await until(old, { what: 'an age that can be told from another', timeoutMs: 10_000, everyMs: 100 })
    await restart()
    const after = await look(before.startedAt)
    expect(after.startedAt).not.toBe(before.startedAt)
    expect(after.predictableDataKeys).toBe(false)
  })

  it('has every key in its memory once it was looked at: a creation replaces none', async () => {
    const { ciphertext } = await admin.generate('one_docs')
    await restart()
    await look()
    await expect(admin.createKey('one_docs')).rejects.toMatchObject({ code: 'BadRequest' })
    expect(await admin.decrypt('one_docs', ciphertext)).toHaveLength(32)
  })
})
