/** Addresses inside a node's own network namespace: every cluster has the same, and none is seen from outside. */
export const network = {
  nodeName: 'node',
  nodeAddress: '10.89.0.2',
  gateway: '10.89.0.1',
  podRange: '10.244.0.0/24',
  serviceRange: '10.96.0.0/16',
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',
  domain: 'cluster.local',
  ports: { api: 6443, etcd: 2379, etcdPeer: 2380 },
} as const

/** Where processes that share the node's network find names; the search list lets `SERVICE.NAMESPACE` resolve, as in a pod. */
export const resolvConf = [
  `nameserver ${network.nodeAddress}`,
  `search svc.${network.domain} ${network.domain}`,
  'options ndots:5',
  '',
].join('\n')
