import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../command.ts'
import { apiClient, untilUsable, type Api } from '../controlPlane/api.ts'
import { auditFiles } from '../controlPlane/audit.ts'
import { writeCredentials, type Credentials, type Leaf } from '../controlPlane/credentials.ts'
import { apiServer, controllerManager, etcd, scheduler, type Place } from '../controlPlane/daemons.ts'
import { freePorts } from '../freePort.ts'
import { ensureImages, type Image } from '../images/images.ts'
import type { ImageName } from '../images/recipes.ts'
import { stopOnInterrupt } from '../interrupt.ts'
import type { ProcessIdentity } from '../processIdentity.ts'
import { ensurePrograms } from '../programs/programs.ts'
import { clusterPrograms } from '../programs/recipes.ts'
import { silent, type Report } from '../report.ts'
import { claimFolder, removeRig, writeState } from '../rigFolder.ts'
import { toolsFor, type Tools } from '../tools.ts'
import { until } from '../waiting.ts'
import { installPackages } from './debian.ts'
import { startHolder } from './holder.ts'
import { network } from './network.ts'
import { nodeOf, succeeds, type Node } from './node.ts'
import { containerd, coredns, kubelet, proxy, type NodePlace } from './nodeDaemons.ts'
import { dnsObjects, volumeObjects, type Created } from './objects.ts'

export interface ClusterOptions {
  /** Lower-case letters, digits and dashes; clusters side by side need different ones. */
  readonly name?: string
  /** Goes on after this process, until `removeRig` or `npm run rig -- down`. */
  readonly keep?: boolean
  /** How soon at the latest a changed Secret reaches a pod's file: the kubelet's own default is a minute. */
  readonly syncFrequencyMs?: number
  /** Images to have on the node from the start. */
  readonly images?: readonly ImageName[]
  /** How many PersistentVolumes of 10 GiB to make. */
  readonly volumes?: number
  /** An audit.k8s.io/v1 Policy; none: all requests at level Metadata. */
  readonly auditPolicy?: object
  readonly apiServerFlags?: readonly string[]
  readonly report?: Report
}

/** A cluster of one real node: pods run, are probed and restarted, and reach each other by Service and name. */
export interface Cluster extends Tools {
  readonly name: string
  readonly folder: string
  /** `https://127.0.0.1:PORT`, as this machine reaches it. */
  readonly server: string
  /** For this machine; of a member of `system:masters`. */
  readonly kubeconfig: string
  /** For processes that `inNetwork` runs: the API server at the node's own address. */
  readonly nodeKubeconfig: string
  readonly auditLog: string
  readonly logFolder: string
  readonly images: Readonly<Partial<Record<ImageName, Image>>>
  readonly node: Node
  readonly importImage: (image: Pick<Image, 'tar'>) => Promise<void>
  readonly stop: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const readyTimeoutMs = 60_000
const defaultSyncFrequencyMs = 60_000

const nodeLeaves: readonly Leaf[] = [
  { name: 'kubelet', commonName: `system:node:${network.nodeName}`, organizations: ['system:nodes'] },
  {
    name: 'kubelet-serving',
    commonName: `system:node:${network.nodeName}`,
    organizations: ['system:nodes'],
    usages: ['server'],
    dnsNames: [network.nodeName],
    ipAddresses: [network.nodeAddress],
  },
  { name: 'kube-proxy', commonName: 'system:kube-proxy' },
  { name: 'coredns', commonName: 'coredns' },
]
const nodeClients = ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'coredns']

/**
 * Starts a cluster of one node and answers when its node is Ready and the namespace `default` takes pods: about ten seconds.
 *
 * Needs Linux and root (`whyNoCluster` tells). Missing Debian packages are installed, missing programs built. It ends with `stop`,
 * with this process unless `keep`, or with the next start if all else failed. Throws `RigError`; nothing is left then.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { name = 'main', keep = false, report = silent } = options
  await installPackages(report)
  const programs = await ensurePrograms(clusterPrograms, report)
  const images = await ensureImages(['pause', ...(options.images ?? [])], report)
  const [folder, claimed] = await claimFolder({ kind: 'cluster', name, keep }, 'kubeconfig')
  const stop = async (): Promise<void> => {
    forget()
    await removeRig(folder)
  }
  const forget = stopOnInterrupt(stop)
  try {
    const logFolder = join(folder, 'log')
    for (const name of ['log', 'config', 'volumes']) mkdirSync(join(folder, name))
    const onStart = (parent: ProcessIdentity): void => writeState(folder, { ...claimed, processes: [parent] })
    const holder = await startHolder({ folder, logFolder, pause: programs.pause, keep, onStart })
    const state = { ...claimed, processes: [holder.parent, holder.process], pidNamespace: holder.pidNamespace }
    writeState(folder, state)
    const node = nodeOf({ name, folder, logFolder, holder })
    report(`namespaces made, holder ${holder.process.pid}`)

    const [port = 0] = await freePorts(1)
    const server = `https://127.0.0.1:${port}`
    const nodeServer = `https://${network.nodeAddress}:${network.ports.api}`
    const credentials = await writeCredentials(join(folder, 'pki'), {
      apiServerAddresses: [network.nodeAddress, network.apiService],
      leaves: nodeLeaves,
    })
    const nodeKubeconfig = join(folder, 'node.kubeconfig')
    writeKubeconfigs(credentials, { [claimed.kubeconfig]: server, [nodeKubeconfig]: nodeServer }, nodeServer)
    report('credentials written')

    const { auditPolicyFile, auditLog } = auditFiles(folder, options.auditPolicy)
    const { ports, serviceRange, nodeAddress: advertise } = network
    const place: Place = { programs, credentials, ports, serviceRange, etcdFolder: join(folder, 'etcd') }
    const nodePlace: NodePlace = { name, folder: join(folder, 'config'), programs, credentials }
    const extraFlags = options.apiServerFlags ?? []
    await node.start(etcd(place))
    await node.start(containerd(nodePlace, images.pause.reference))
    await node.start(apiServer(place, { advertise, auditPolicyFile, auditLog, extraFlags }))
    await forward(node, folder, port)

    const importImage = async (image: Pick<Image, 'tar'>): Promise<void> => {
      const [program = '', ...args] = node.inside(['ctr', '-n', 'k8s.io', 'images', 'import', image.tar])
      await run(program, args)
    }
    const imported = importAll(node, Object.values(images), importImage, report)
    const api = apiClient(server, credentials.pem('admin'))
    await Promise.all([imported, apiReady(node, api).then(() => report(`kube-apiserver ready at ${server}`))])

    const syncFrequencyMs = options.syncFrequencyMs ?? defaultSyncFrequencyMs
    for (const daemon of [
      controllerManager(place),
      scheduler(place),
      kubelet(nodePlace, syncFrequencyMs),
      proxy(nodePlace),
      coredns(nodePlace),
    ]) {
      await node.start(daemon)
    }
    await createAll(api, [...dnsObjects, ...volumeObjects(join(folder, 'volumes'), options.volumes ?? 12)])
    await Promise.all([nodeReady(node, api), untilUsable(api)])
    writeState(folder, { ...state, ready: true })
    if (keep) forget()
    report('node Ready, namespace default usable')

    const { kubeconfig } = claimed
    const tools = toolsFor({ programs, kubeconfig, folder })
    const paths = { name, folder, server, kubeconfig, nodeKubeconfig, auditLog, logFolder }
    return { ...tools, ...paths, images, node, importImage, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function writeKubeconfigs(
  credentials: Credentials,
  admins: Readonly<Record<string, string>>,
  nodeServer: string,
): void {
  for (const [file, server] of Object.entries(admins)) {
    writeFileSync(file, credentials.kubeconfig('admin', server), { mode: 0o600 })
  }
  for (const client of nodeClients) {
    writeFileSync(credentials.path(`${client}.kubeconfig`), credentials.kubeconfig(client, nodeServer), { mode: 0o600 })
  }
}

/**
 * Lets this machine reach the API server: a socket file crosses network namespaces. Both ends are processes of the node's PID
 * namespace, so they end with it.
 */
async function forward(node: Node, folder: string, port: number): Promise<void> {
  const socket = join(folder, 'api.sock')
  const inner = [`UNIX-LISTEN:${socket},fork,mode=600`, `TCP:127.0.0.1:${network.ports.api}`]
  const outer = [`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `UNIX-CONNECT:${socket}`]
  await node.start({ name: 'forwarder-node', program: 'socat', args: inner })
  await node.start({ name: 'forwarder-host', program: 'socat', args: outer }, 'host')
}

async function importAll(
  node: Node,
  images: readonly Image[],
  importImage: (image: Image) => Promise<void>,
  report: Report,
): Promise<void> {
  await until(async () => (await succeeds(node.inside(['ctr', 'version']))) || undefined, {
    what: 'containerd to answer',
    timeoutMs: readyTimeoutMs,
    hopeless: () => node.ended('containerd'),
  })
  for (const image of images) await importImage(image)
  report(`${images.length} images imported`)
}

async function apiReady(node: Node, api: Api): Promise<void> {
  await until(async () => (await api.isReady()) || undefined, {
    what: 'kube-apiserver to be ready',
    timeoutMs: readyTimeoutMs,
    hopeless: () => node.ended('kube-apiserver') ?? node.ended('etcd') ?? node.ended('forwarder-host'),
  })
}

async function nodeReady(node: Node, api: Api): Promise<void> {
  const ready = async (): Promise<true | undefined> => {
    const found = (await api.get(`/api/v1/nodes/${network.nodeName}`)) as NodeObject | undefined
    return found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') || undefined
  }
  await until(ready, { what: 'the node to be Ready', timeoutMs: readyTimeoutMs, hopeless: () => node.ended('kubelet') })
}

interface NodeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

async function createAll(api: Api, objects: readonly Created[]): Promise<void> {
  for (const [collection, object] of objects) await api.create(collection, object)
}
