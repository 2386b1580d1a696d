import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credentials } from '../controlPlane/credentials.ts'
import type { Daemon } from '../controlPlane/daemons.ts'
import { cgroupOf } from './cgroups.ts'
import { cniPlugins, containerd as containerdProgram } from './debian.ts'
import { network } from './network.ts'

/** A node's daemons and the files that configure them, written when the daemon is asked for. */
export interface NodePlace {
  readonly name: string
  /** Holds the files that configure the daemons. */
  readonly folder: string
  readonly programs: Readonly<Record<'kubelet' | 'kube-proxy' | 'coredns', string>>
  readonly credentials: Credentials
}

const volumePlugins = '/var/lib/kubelet/volume-plugins'
const socket = '/run/containerd/containerd.sock'

function write(place: NodePlace, file: string, content: string | object): string {
  const path = join(place.folder, file)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))
  return path
}

export function containerd(place: NodePlace, pauseImage: string): Daemon {
  const cni = join(place.folder, 'cni')
  mkdirSync(cni)
  const range = { subnet: network.podRange }
  write(place, 'cni/10-bridge.conflist', {
    cniVersion: '1.0.0',
    name: 'rig',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[range]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  })
  const config = write(
    place,
    'containerd.toml',
    `version = 2
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  stream_server_address = "127.0.0.1"
  disable_apparmor = true
  restrict_oom_score_adj = true # else no sandbox starts where root lacks CAP_SYS_RESOURCE
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniPlugins}"
    conf_dir = "${cni}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`,
  )
  return { name: 'containerd', program: containerdProgram, args: ['-c', config] }
}

export function kubelet(place: NodePlace, syncFrequencyMs: number): Daemon {
  const { path } = place.credentials
  const config = write(place, 'kubelet.json', {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false, // true by default since 1.35
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroupOf(place.name), // two nodes on one machine must not share /kubepods
    containerRuntimeEndpoint: `unix://${socket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: path('kubernetes-ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: path('kubelet-serving.crt'),
    tlsPrivateKeyFile: path('kubelet-serving.key'),
    clusterDNS: [network.dnsService],
    clusterDomain: network.domain,
    resolvConf: write(place, 'pod-resolv.conf', `nameserver ${network.nodeAddress}\n`),
    maxOpenFiles: 20_000,
    oomScoreAdj: 0, // a lower one is refused without CAP_SYS_RESOURCE
    failSwapOn: false,
    volumePluginDir: volumePlugins, // the default would be made on the host
    syncFrequency: `${syncFrequencyMs}ms`,
    // Nothing can be pulled again, so nothing may be thrown away.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '200Mi',
      'nodefs.available': '1Gi',
      'imagefs.available': '1Gi',
      'nodefs.inodesFree': '1%',
      'imagefs.inodesFree': '1%',
    },
    shutdownGracePeriod: '0s',
  })
  return {
    name: 'kubelet',
    program: place.programs.kubelet,
    args: [
      `--config=${config}`,
      `--kubeconfig=${path('kubelet.kubeconfig')}`,
      `--hostname-override=${network.nodeName}`,
      `--node-ip=${network.nodeAddress}`,
      '--v=2',
    ],
  }
}

export function proxy(place: NodePlace): Daemon {
  const config = write(place, 'kube-proxy.json', {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: place.credentials.path('kube-proxy.kubeconfig') },
    mode: 'iptables',
    iptables: { minSyncPeriod: '100ms' }, // the default of a second lets a Ready pod's Service refuse connections
    clusterCIDR: network.podRange,
    hostnameOverride: network.nodeName,
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0 }, // nf_conntrack_max can't be written in a network namespace, and trying is fatal
  })
  return { name: 'kube-proxy', program: place.programs['kube-proxy'], args: [`--config=${config}`] }
}

export function coredns(place: NodePlace): Daemon {
  const reverse = 'in-addr.arpa ip6.arpa'
  // Foreign names fail at once, in a block of their own: in one block `template` would answer before `kubernetes`.
  const config = write(
    place,
    'Corefile',
    `${network.domain}:53 in-addr.arpa:53 ip6.arpa:53 {
  bind ${network.nodeAddress}
  errors
  kubernetes ${network.domain} ${reverse} {
    kubeconfig ${place.credentials.path('coredns.kubeconfig')}
    pods insecure
    ttl 5
  }
  cache 5
}
.:53 {
  bind ${network.nodeAddress}
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`,
  )
  return { name: 'coredns', program: place.programs.coredns, args: ['-conf', config] }
}
