import { describe, expect, it } from 'vitest'
import { isStuck, mountingPod } from '../../../../src/controller/stateful/podsAround.ts'
import type { Pod, StatefulSet } from '../../../../src/kube/resources.ts'

const withClaim = (name: string, claimName: string, phase = 'Running', more: object = {}): Pod => ({
  metadata: { name, namespace: 'kes-system', ...more },
  spec: { containers: [], volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
  status: { phase },
})

describe('a pod that has the volume', () => {
  it.each<[string, readonly Pod[], string | undefined]>([
    ['runs', [withClaim('other', 'x'), withClaim('by-hand', 'kes-data')], 'by-hand'],
    ['waits to run', [withClaim('by-hand', 'kes-data', 'Pending')], 'by-hand'],
    ['is being deleted', [withClaim('by-hand', 'kes-data', 'Running', { deletionTimestamp: 'now' })], 'by-hand'],
    ['has ended', [withClaim('job', 'kes-data', 'Succeeded'), withClaim('crashed', 'kes-data', 'Failed')], undefined],
    [
      'has no volumes',
      [{ metadata: { name: 'bare' }, spec: { containers: [] } }, { metadata: { name: 'none' } }],
      undefined,
    ],
  ])('is told where it %s', (_how, pods, name) => {
    expect(mountingPod(pods, 'kes-data')).toBe(name)
  })
})

describe('a pod that waits for what nobody wants any more', () => {
  const set = {
    metadata: { name: 's', generation: 4 },
    status: { replicas: 1, updateRevision: 'new', observedGeneration: 4 },
  } as StatefulSet
  const pod = (revision: string, ready: 'True' | 'False', more: object = {}): Pod => ({
    metadata: { name: 'kes-default-0', labels: { 'controller-revision-hash': revision }, ...more },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  })

  it('is of a former revision and not ready', () => {
    expect(isStuck(pod('old', 'False'), set)).toBe(true)
  })

  it.each<[string, Pod | undefined, StatefulSet | undefined]>([
    ['of the present revision, however slow', pod('new', 'False'), set],
    ['ready: the set exchanges it by itself', pod('old', 'True'), set],
    ['on its way out', pod('old', 'False', { deletionTimestamp: 'now' }), set],
    [
      'of a set whose change was not looked at yet',
      pod('old', 'False'),
      { ...set, metadata: { name: 's', generation: 5 } },
    ],
    ['not there', undefined, set],
    ['of no set', pod('old', 'False'), undefined],
    ['without a revision', { metadata: { name: 'x' } }, set],
  ])('is none that is %s', (_what, one, of) => {
    expect(isStuck(one, of)).toBe(false)
  })
})
