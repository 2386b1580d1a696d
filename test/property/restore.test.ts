import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { annotations } from '../../src/api/names.ts'
import type { KubeObject, Ref, Resource } from '../../src/kube/object.ts'
import {
  kesIdentities,
  keyServers,
  namespaces,
  persistentVolumeClaims,
  pods,
  secrets,
  statefulSets,
} from '../../src/kube/resources.ts'
import { someBackup } from '../unit/backup/backups.ts'
import { Killed, restorePod, restoreWorld, type RestoreWorld } from './restoreWorld.ts'

const backup = someBackup()
const inRelease = (name: string): Ref => ({ namespace: 'kes-injector', name })
const workloads = ['one', 'two'].map((name) => [namespaces, { metadata: { name } }] as const)

/** All that a restore makes, by what it is. */
const parts: readonly (readonly [Resource, Ref])[] = [
  [persistentVolumeClaims, inRelease('data-kes-default-0')],
  ...backup.secrets.map(({ metadata: { name } }) => [secrets, inRelease(name)] as const),
  [keyServers, { name: 'default' }],
]

const without = (object: KubeObject | undefined) =>
  object && { ...object, metadata: { ...object.metadata, resourceVersion: undefined } }

const everything = ({ memory, onVolume }: RestoreWorld) => ({
  volume: onVolume(),
  pod: memory.at(pods, restorePod(backup)),
  objects: [
    ...parts.map(([resource, ref]) => without(memory.at(resource, ref))),
    ...['one', 'two'].map((namespace) => without(memory.at(kesIdentities, { namespace, name: 'kes-client' }))),
  ],
})

const undisturbed = async () => {
  const world = restoreWorld(...workloads)
  await world.restore(backup)
  return world
}

const kill = fc.record({ write: fc.integer({ min: 1, max: 24 }), moment: fc.constantFrom('before', 'after') })

describe('a restore that is killed at any of its writes, any number of times', () => {
  it('ends where one ends that nobody disturbed, and never makes the KeyServer before data and Secrets are there', async () => {
    const wanted = everything(await undisturbed())
    expect(wanted.pod).toBeUndefined()
    expect(wanted.objects).not.toContain(undefined)
    await fc.assert(
      fc.asyncProperty(fc.array(kill, { maxLength: 6 }), async (kills) => {
        const world = restoreWorld(...workloads)
        for (const each of kills)
          await world.restore(backup, each).catch((error: unknown) => expect(error).toBeInstanceOf(Killed))
        await world.restore(backup)
        expect(everything(world)).toEqual(wanted)
      }),
      { numRuns: 150 },
    )
  })

  it('has its keys and its record again, and tells that there is a backup', async () => {
    const { memory } = await undisturbed()
    const keyServer = memory.at(keyServers, { name: 'default' })
    expect(keyServer?.status).toMatchObject({ ...backup.keyServer.status })
    expect(keyServer?.metadata.annotations?.[annotations.restoredFrom]).toBe(backup.id)
    expect(keyServer?.metadata.uid).toBeUndefined()
  })
})

describe('a restore where something is already there', () => {
  const foreign = { metadata: { labels: { somebody: 'else' } } }
  const leftovers: readonly (readonly [Resource, Ref])[] = [
    [statefulSets, inRelease('kes-default')],
    [secrets, inRelease('kes-default-init')],
  ]

  it.each(
    [...parts, ...leftovers].map(([resource, ref]) => [`${resource.plural} ${ref.name}`, resource, ref] as const),
  )('writes nothing at all: %s', async (_name, resource, ref) => {
    const object = { ...foreign, metadata: { ...foreign.metadata, ...ref } }
    const world = restoreWorld([resource, object])
    await expect(world.restore(backup)).rejects.toMatchObject({
      code: 'InTheWay',
      message: expect.stringContaining(ref.name) as string,
    })
    expect(world.memory.writes).toEqual([])
    expect(world.memory.at(resource, ref)).toMatchObject(object)
  })

  it('does not take the work of a restore from another backup for its own', async () => {
    const world = restoreWorld(...workloads)
    await world.restore(backup, { write: 7, moment: 'after' }).catch(() => undefined)
    await expect(world.restore(someBackup({ id: 'another' }))).rejects.toMatchObject({ code: 'InTheWay' })
  })

  it('stops at a disk that holds another data directory, and makes no KeyServer', async () => {
    const world = restoreWorld(...workloads)
    world.useDisk('of another server')
    await expect(world.restore(backup)).rejects.toMatchObject({ code: 'NotRestored' })
    expect(world.onVolume()).toBe('of another server')
    expect(world.memory.at(keyServers, { name: 'default' })).toBeUndefined()
    expect(world.memory.at(pods, restorePod(backup))).toBeUndefined()
  })
})
