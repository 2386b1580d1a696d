import { describe, expect, it } from 'vitest'
import { pods } from '../../src/kube/resources.ts'
import { chartPod } from '../fixtures/chartPod.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const restricted = { ...optIn, 'pod-security.kubernetes.io/enforce': 'restricted' }

/** Those whose own settings the profile admits. */
const modest = ['bitnami-deployment', 'hand-several']

/** What a namespace asks of its pods besides: a share for each, and a limit for all. */
const limits = (namespace: string): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'share', namespace },
    spec: {
      limits: [
        { type: 'Container', default: { cpu: '1', memory: '64Mi' }, defaultRequest: { cpu: '1m', memory: '8Mi' } },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota', namespace },
    spec: { hard: { pods: '9', 'limits.cpu': '9', 'limits.memory': '1Gi' } },
  },
]

describe('in a namespace with the restricted profile, a quota and limits', () => {
  it.each(modest)('%s is stored connected', async (name) => {
    await using namespace = await cluster.makeNamespace({ labels: restricted })
    await cluster.create(limits(namespace.name))
    const text = JSON.stringify(chartPod(name)).replaceAll('team-a', namespace.name)
    const { metadata, spec } = JSON.parse(text) as ReturnType<typeof chartPod>
    const { annotations = {} } = metadata
    const own = { name: 'store', namespace: namespace.name, annotations }
    await cluster.create([{ apiVersion: 'v1', kind: 'Pod', metadata: own, spec }])
    const stored = await cluster.client.get(pods, { namespace: namespace.name, name: 'store' })
    const connected = stored?.spec?.containers.filter(({ env }) =>
      env?.some((each) => each.name === 'MINIO_KMS_KES_ENDPOINT'),
    )
    expect(connected?.map(({ resources }) => resources?.limits)).toEqual([{ cpu: '1', memory: '64Mi' }])
    expect(stored?.spec?.volumes?.some((volume) => volume.name === 'kes-injector')).toBe(true)
  })

  it('a pod that the profile does not admit is refused for its own settings, and ours are not among them', async () => {
    await using namespace = await cluster.makeNamespace({ labels: restricted })
    const { spec } = chartPod('job-server')
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'store', namespace: namespace.name }, spec }
    const said = await refusal(cluster.create([pod]))
    expect(said).toContain('violates PodSecurity "restricted')
    expect(said).not.toContain('volume')
  })
})
