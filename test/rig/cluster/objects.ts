import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { network } from './network.ts'

/** An object and the path of the collection it is created in. */
export type Created = readonly [collection: string, object: object]

/** Makes Services resolve: CoreDNS runs as a process of the node, behind a Service without a selector. */
export const dnsObjects: readonly Created[] = [
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    {
      metadata: { name: 'coredns' },
      rules: [
        {
          apiGroups: [''],
          resources: ['endpoints', 'services', 'pods', 'namespaces', 'nodes'],
          verbs: ['list', 'watch', 'get'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    {
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'User', name: 'coredns', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  ],
  [
    '/api/v1/namespaces/kube-system/services',
    {
      metadata: { name: 'kube-dns' },
      spec: {
        clusterIP: network.dnsService,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices',
    {
      metadata: { name: 'kube-dns-1', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [network.nodeAddress], conditions: { ready: true } }],
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  ],
]

const storageClass = 'rig'

/** Makes volumes to claim, as a cautious production cluster has them: made beforehand, kept when the claim goes. */
export function volumeObjects(folder: string, count: number): readonly Created[] {
  const local = Array.from({ length: count }, (_, index): Created => {
    const name = `rig-${String(index).padStart(2, '0')}`
    const path = join(folder, name)
    mkdirSync(path)
    chmodSync(path, 0o777) // nobody in the pods is root
    const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [network.nodeName] }
    return [
      '/api/v1/persistentvolumes',
      {
        metadata: { name },
        spec: {
          capacity: { storage: '10Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: storageClass,
          local: { path },
          nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
        },
      },
    ]
  })
  return [
    [
      '/apis/storage.k8s.io/v1/storageclasses',
      {
        metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
        reclaimPolicy: 'Retain',
      },
    ],
    ...local,
  ]
}
