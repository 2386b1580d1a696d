import { annotations, keyServerWorkload, kesPort, labels } from '../../api/names.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { withHash } from '../keyServer/applied.ts'
import { materialName } from '../keyServer/material.ts'
import { restrictedContainer, restrictedPod } from '../keyServer/podSecurity.ts'
import { selector, workloadMetadata } from '../keyServer/service.ts'
import { paths } from './paths.ts'

type PullPolicy = 'IfNotPresent' | 'Always' | 'Never'

/** What the chart decides for all key servers. */
export interface WorkloadSettings {
  readonly releaseNamespace: string
  readonly serverImage: string
  readonly serverImagePullPolicy: PullPolicy
  /** kes-injector itself, for the agent beside KES. */
  readonly agentImage: string
  readonly agentImagePullPolicy: PullPolicy
  readonly keyServerAccount: string
}

/**
 * MinIO's client leaves an endpoint that failed alone for thirty seconds, so the next replica may go only after that (facts: KES P6,
 * measured: none of 47,000 calls failed at 38 s, five at 4 s).
 */
const betweenReplicasSeconds = 35
/** Until every node has taken the pod out of the Service; KES answers in the meantime. The image has no shell to wait in. */
const leavingSeconds = 5

const agentPort = 8082

/** No probe asks `/v1/ready`: it fails while the key store is away, just when the keys that KES remembers are needed (docs/adr/0010-probes.md). */
const tcpProbe = (more: object) => ({ tcpSocket: { port: 'kes' }, timeoutSeconds: 2, ...more })

const mounts = (name: string) => [
  { name: 'configuration', secret: { secretName: materialName(name, 'config'), defaultMode: 0o440 } },
  { name: 'tls', secret: { secretName: materialName(name, 'server'), defaultMode: 0o440 } },
]

const volumeMounts = [
  { name: 'configuration', mountPath: paths.configuration, readOnly: true },
  { name: 'tls', mountPath: paths.tls, readOnly: true },
]

/** Where every client of Kubernetes looks for its token. */
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The token of the account, for KES only: the agent has nothing to say to anybody. */
const tokenVolume = {
  name: 'token',
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3_607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
}

function kesContainer({ spec: { server } }: KeyServer, settings: WorkloadSettings) {
  const environment = server?.environmentSecretRef?.name
  return {
    name: 'kes',
    image: server?.image ?? settings.serverImage,
    imagePullPolicy: settings.serverImagePullPolicy,
    args: ['server', '--config', paths.configurationFile],
    ...(environment === undefined ? {} : { envFrom: [{ secretRef: { name: environment } }] }),
    ports: [{ name: 'kes', containerPort: kesPort, protocol: 'TCP' }],
    resources: server?.resources ?? { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: restrictedContainer,
    // KES says on stderr why it stops; the kubelet then carries the last lines into the pod's status, where we read them.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // It opens its port only after it has read its configuration and reached its key store, which may take a while.
    startupProbe: tcpProbe({ periodSeconds: 1, failureThreshold: 60 }),
    readinessProbe: tcpProbe({ periodSeconds: 5, failureThreshold: 2 }),
    livenessProbe: tcpProbe({ periodSeconds: 10, failureThreshold: 6 }),
    lifecycle: { preStop: { sleep: { seconds: leavingSeconds } } },
    volumeMounts: [
      ...volumeMounts,
      ...(server?.serviceAccountName === undefined ? [] : [{ name: 'token', mountPath: tokenPath, readOnly: true }]),
      ...(server?.storage ? [{ name: 'data', mountPath: paths.volume }] : []),
    ],
  }
}

/** Nothing watches the files of a current KES but this: it makes KES reload what the kubelet has exchanged. */
const agentContainer = (settings: WorkloadSettings) => ({
  name: 'agent',
  image: settings.agentImage,
  imagePullPolicy: settings.agentImagePullPolicy,
  args: [
    'agent',
    '--configuration',
    paths.configurationFile,
    '--tls-directory',
    paths.tls,
    '--port',
    String(agentPort),
  ],
  ports: [{ name: 'agent', containerPort: agentPort, protocol: 'TCP' }],
  resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '192Mi' } },
  securityContext: restrictedContainer,
  livenessProbe: {
    httpGet: { path: '/healthz', port: 'agent' },
    periodSeconds: 10,
    failureThreshold: 6,
    timeoutSeconds: 5,
  },
  volumeMounts,
})

/** A node, and a zone, shall not take more replicas along than it must; one node alone must do as well. */
const spread = (name: string) =>
  ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector(name) },
  }))

/** A file key store on a volume. It outlives its pod and its set: nothing owns the claim. */
function claims(
  name: string,
  storage: { readonly size: string; readonly storageClassName?: string | undefined } | undefined,
) {
  if (!storage) return {}
  const { size, storageClassName = '' } = storage
  return {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data', labels: selector(name) },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: size } },
          ...(storageClassName === '' ? {} : { storageClassName }),
        },
      },
    ],
  }
}

/**
 * The StatefulSet of a current KES. Pods start together (Parallel) and are exchanged one after the other, each only when the former one
 * has been Ready for longer than MinIO's client avoids an endpoint that failed. Pods are named, so that each can be asked.
 *
 * `environment` is a hash of what `environmentSecretRef` holds: KES reads variables at its start only, so another value rolls the pods.
 */
export function statefulSetOf(
  keyServer: KeyServer,
  settings: WorkloadSettings,
  environment: string | undefined,
): KubeObject {
  const { name } = keyServer.metadata
  const { server } = keyServer.spec
  const account = server?.serviceAccountName
  return withHash({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: workloadMetadata(name, settings.releaseNamespace),
    spec: {
      replicas: server?.replicas ?? 1,
      serviceName: keyServerWorkload(name),
      selector: { matchLabels: selector(name) },
      podManagementPolicy: 'Parallel',
      minReadySeconds: betweenReplicasSeconds,
      ...claims(name, server?.storage),
      template: {
        metadata: {
          labels: { ...selector(name), [labels.managedBy]: 'kes-injector' },
          ...(environment === undefined ? {} : { annotations: { [annotations.environment]: environment } }),
        },
        spec: {
          serviceAccountName: account ?? settings.keyServerAccount,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // The agent finds KES among the processes of the pod.
          shareProcessNamespace: true,
          terminationGracePeriodSeconds: leavingSeconds + 10,
          securityContext: restrictedPod,
          topologySpreadConstraints: spread(name),
          containers: [kesContainer(keyServer, settings), agentContainer(settings)],
          volumes: [...mounts(name), ...(account === undefined ? [] : [tokenVolume])],
        },
      },
    },
  } as KubeObject)
}

/** Drains take one replica at a time. It keeps no distance in time: a drain waits for Ready, not for thirty-five seconds of it. */
export const budgetOf = ({ metadata: { name } }: KeyServer, releaseNamespace: string): KubeObject =>
  withHash({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: workloadMetadata(name, releaseNamespace),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(name) } },
  } as KubeObject)
