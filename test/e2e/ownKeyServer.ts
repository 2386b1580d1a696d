import { randomBytes } from 'node:crypto'
import { keyServerWorkload } from '../../src/api/names.ts'
import type { KubeObject, Resource } from '../../src/kube/object.ts'
import { keyServers, secretMetadata } from '../../src/kube/resources.ts'
import { destroy, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { untilCondition, type E2eCluster } from './cluster.ts'

/** What a volume is claimed by. */
export const claims: Resource<Claim> = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
}

interface Claim extends KubeObject {
  readonly spec: { readonly volumeName?: string }
}

/** A KeyServer of one test's own. Its volume is not used again. */
export interface OwnKeyServer extends AsyncDisposable {
  readonly name: string
  /** Name of its StatefulSet, its Service, and the beginning of its Secrets' names. */
  readonly workload: string
}

export async function makeKeyServer(cluster: E2eCluster, spec: object = {}): Promise<OwnKeyServer> {
  const name = `test-${randomBytes(4).toString('hex')}`
  const workload = keyServerWorkload(name)
  await cluster.create([
    { apiVersion: 'kes-injector.io/v1alpha1', kind: 'KeyServer', metadata: { name }, spec: { stateful: {}, ...spec } },
  ])
  const remove = async (): Promise<void> => {
    const { client, kubectl } = cluster
    await destroy(cluster, keyServers, { name })
    const labelSelector = `kes-injector.io/key-server=${name}`
    const there = { namespace: releaseNamespace, labelSelector }
    await kubectl(['delete', 'statefulsets,services', '-n', releaseNamespace, '-l', labelSelector, '--wait=false'])
    for (const resource of [secretMetadata, claims]) {
      for (const { metadata } of (await client.list(resource, there)).items) await destroy(cluster, resource, metadata)
    }
  }
  return { name, workload, [Symbol.asyncDispose]: remove }
}

export const untilKeyServerReady = (cluster: E2eCluster, name: string) =>
  untilCondition(cluster, keyServers, { name }, { type: 'Ready', status: 'True' })
