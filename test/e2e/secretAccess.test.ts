import { expect, it } from 'vitest'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { requestsOf, type AuditEvent } from './auditLog.ts'
import { describeInCluster } from './cluster.ts'
import { put, startMinio } from './minio.ts'

const isOnSecrets = ({ objectRef }: AuditEvent): boolean => objectRef?.resource === 'secrets'
const namespaceOf = ({ objectRef }: AuditEvent): string => objectRef?.namespace ?? ''
const told = ({ verb, requestURI }: AuditEvent): string => `${verb} ${requestURI}`

/** Written out, not read from the chart: one more name is a change of what the product promises, and must be noticed here. */
const promised = ['kes-client', 'kes-tenant-client', 'kes-tenant-server', 'kes-sidecar']
const isPromised = (name = ''): boolean => promised.includes(name)

describeInCluster('by the audit log of the whole life of the cluster', (cluster) => {
  const controller = () => requestsOf(cluster, 'kes-injector-controller').filter(isOnSecrets)

  it('the controller touches no Secret outside the namespace of the release but a promised one by its name', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'text')
    const outside = controller().filter((request) => namespaceOf(request) !== releaseNamespace)
    const inside = controller().length - outside.length
    expect(inside).toBeGreaterThan(0)
    expect(outside.filter(({ objectRef }) => !isPromised(objectRef?.name)).map(told)).toEqual([])
    // The other two belong to Tenants whose operator runs KES, and this namespace has none.
    const here = outside.filter((request) => namespaceOf(request) === namespace.name)
    expect(new Set(here.map(({ objectRef }) => objectRef?.name))).toEqual(new Set(['kes-client']))
    // What other tests deleted was taken away; a Secret is never updated or created but by apply.
    const verbs = new Set(outside.map(({ verb }) => verb))
    verbs.delete('delete')
    expect([...verbs].sort()).toEqual(['get', 'list', 'patch', 'watch'])
    const deleted = outside.filter(({ verb }) => verb === 'delete').map(({ objectRef }) => objectRef?.name)
    expect(deleted.filter((each) => each !== 'kes-client' && each !== 'kes-sidecar')).toEqual([])
  })

  it('the controller lists and watches Secrets of the cluster only with a selector for one such name', () => {
    const wide = controller().filter((request) => namespaceOf(request) === '')
    expect(new Set(wide.map(({ verb }) => verb))).toEqual(new Set(['list', 'watch']))
    const unselected = wide.filter(({ requestURI }) => {
      const selector = new URL(requestURI, 'https://x').searchParams.get('fieldSelector') ?? ''
      return !promised.some((name) => selector === `metadata.name=${name}`)
    })
    expect(unselected.map(told)).toEqual([])
  })

  it('the webhook never touches a Secret and writes nothing at all', () => {
    const requests = requestsOf(cluster, 'kes-injector-webhook')
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.filter(isOnSecrets).map(told)).toEqual([])
    expect(requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb)).map(told)).toEqual([])
  })

  it.each(['kes-injector-controller', 'kes-injector-webhook'])(
    '%s asks for nothing that it has no right to',
    (account) => {
      const forbidden = requestsOf(cluster, account).filter(
        ({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid',
      )
      expect(forbidden.map(told)).toEqual([])
    },
  )
})
