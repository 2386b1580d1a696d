import type { Credentials } from './credentials.ts'

/** A program that runs until it is ended. Its name names its log. */
export interface Daemon {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
}

type ControlPlaneProgram = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'

/** Where one control plane lives. */
export interface Place {
  readonly programs: Readonly<Record<ControlPlaneProgram, string>>
  readonly credentials: Credentials
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number }
  readonly serviceRange: string
  readonly etcdFolder: string
}

export interface ApiServerOptions {
  /** The address that pods reach it by; without one it listens on loopback only. */
  readonly advertise?: string
  readonly auditPolicyFile: string
  readonly auditLog: string
  readonly extraFlags?: readonly string[]
}

const flags = (values: Readonly<Record<string, string | number | boolean>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`)

export function etcd({ programs, credentials, ports, etcdFolder }: Place): Daemon {
  const client = `https://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  return {
    name: 'etcd',
    program: programs.etcd,
    args: flags({
      name: 'etcd',
      'data-dir': etcdFolder,
      'unsafe-no-fsync': true, // nothing in a rig outlives it
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `etcd=${peer}`,
      'cert-file': credentials.path('etcd.crt'),
      'key-file': credentials.path('etcd.key'),
      'client-cert-auth': true,
      'trusted-ca-file': credentials.path('etcd-ca.crt'),
      'log-level': 'warn',
    }),
  }
}

export function apiServer(place: Place, options: ApiServerOptions): Daemon {
  const { programs, credentials, ports } = place
  const { path } = credentials
  const address = options.advertise
    ? { 'advertise-address': options.advertise, 'bind-address': '0.0.0.0' }
    : // Loopback is no address for the Service `kubernetes`, so nobody shall try to publish it.
      { 'advertise-address': '127.0.0.1', 'bind-address': '127.0.0.1', 'endpoint-reconciler-type': 'none' }
  return {
    name: 'kube-apiserver',
    program: programs['kube-apiserver'],
    args: [
      ...flags({
        ...address,
        'secure-port': ports.api,
        'service-cluster-ip-range': place.serviceRange,
        'etcd-servers': `https://127.0.0.1:${ports.etcd}`,
        'etcd-cafile': path('etcd-ca.crt'),
        'etcd-certfile': path('etcd-client.crt'),
        'etcd-keyfile': path('etcd-client.key'),
        'client-ca-file': path('kubernetes-ca.crt'),
        'tls-cert-file': path('kube-apiserver.crt'),
        'tls-private-key-file': path('kube-apiserver.key'),
        'kubelet-certificate-authority': path('kubernetes-ca.crt'),
        'kubelet-client-certificate': path('kubelet-client.crt'),
        'kubelet-client-key': path('kubelet-client.key'),
        'kubelet-preferred-address-types': 'InternalIP',
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': path('service-accounts.pub'),
        'service-account-signing-key-file': path('service-accounts.key'),
        'requestheader-client-ca-file': path('front-proxy-ca.crt'),
        'requestheader-allowed-names': 'front-proxy-client',
        'requestheader-username-headers': 'X-Remote-User',
        'requestheader-group-headers': 'X-Remote-Group',
        'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
        'proxy-client-cert-file': path('front-proxy-client.crt'),
        'proxy-client-key-file': path('front-proxy-client.key'),
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'allow-privileged': true,
        profiling: false,
        'audit-policy-file': options.auditPolicyFile,
        'audit-log-path': options.auditLog,
        'shutdown-delay-duration': '0s',
      }),
      ...(options.extraFlags ?? []),
    ],
  }
}

/** Neither of the two serves anything: nobody asks, and no port is taken. */
const client = (credentials: Credentials, name: string) => ({
  kubeconfig: credentials.path(`${name}.kubeconfig`),
  'secure-port': 0,
  'leader-elect': false,
})

export function controllerManager({ programs, credentials }: Place): Daemon {
  const { path } = credentials
  const name = 'kube-controller-manager'
  return {
    name,
    program: programs[name],
    args: flags({
      ...client(credentials, name),
      'use-service-account-credentials': true,
      'service-account-private-key-file': path('service-accounts.key'),
      'root-ca-file': path('kubernetes-ca.crt'),
      'cluster-signing-cert-file': path('kubernetes-ca.crt'),
      'cluster-signing-key-file': path('kubernetes-ca.key'),
      'allocate-node-cidrs': false,
      // With the default of 20 calls a second the ServiceAccount `default` comes seconds late, and pods are refused without it.
      'kube-api-qps': 300,
      'kube-api-burst': 600,
      'flex-volume-plugin-dir': '/var/lib/kubelet/volume-plugins',
    }),
  }
}

export function scheduler({ programs, credentials }: Place): Daemon {
  const name = 'kube-scheduler'
  return { name, program: programs[name], args: flags(client(credentials, name)) }
}
