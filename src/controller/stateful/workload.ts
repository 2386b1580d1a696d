import { annotations, keyServerWorkload, kesPort, labels } from '../../api/names.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { unsealVariable } from '../../kes/initConfig.ts'
import { withHash } from '../keyServer/applied.ts'
import { materialName } from '../keyServer/material.ts'
import { restrictedContainer, restrictedPod } from '../keyServer/podSecurity.ts'
import { selector, workloadMetadata } from '../keyServer/service.ts'

/** What the chart decides for all key servers. */
export interface WorkloadSettings {
  readonly releaseNamespace: string
  readonly statefulImage: string
  readonly statefulImagePullPolicy: 'IfNotPresent' | 'Always' | 'Never'
  readonly keyServerAccount: string
}

/** Paths inside the KES pod; `init.yml` and the launcher's arguments name them. */
export const paths = {
  data: '/data/kes',
  volume: '/data',
  tls: '/etc/kes/tls',
  init: '/etc/kes/init',
  podInfo: '/etc/kes/pod',
} as const

interface Image {
  readonly image: string
  readonly imagePullPolicy: WorkloadSettings['statefulImagePullPolicy']
}

/** Where the data directory lies in the pod: below the volume, at the path that a taken-over one has. */
const dataPath = ({ spec }: KeyServer): string =>
  spec.stateful?.existing ? `${paths.volume}/${spec.stateful.existing.dataPath}` : paths.data

const container = (keyServer: KeyServer, image: Image, name: string, args: readonly string[]) => ({
  name,
  ...image,
  args,
  env: [
    {
      name: unsealVariable,
      valueFrom: { secretKeyRef: { name: materialName(keyServer.metadata.name, 'unseal'), key: 'key' } },
    },
  ],
  securityContext: restrictedContainer,
  // The launcher says on stderr why it stops; the kubelet then carries the last lines into the pod's status, where we read them.
  terminationMessagePolicy: 'FallbackToLogsOnError',
  volumeMounts: [
    { name: 'data', mountPath: paths.volume },
    { name: 'tls', mountPath: paths.tls, readOnly: true },
    ...(keyServer.spec.stateful?.existing ? [] : [{ name: 'init', mountPath: paths.init, readOnly: true }]),
    { name: 'pod', mountPath: paths.podInfo, readOnly: true },
  ],
})

/** What runs before KES: makes the data directory of a new server, or gives a taken-over one its new home. It never does both. */
function preparation(keyServer: KeyServer, image: Image) {
  const data = ['--data', dataPath(keyServer)]
  const pair = ['--key', `${paths.tls}/tls.key`, '--cert', `${paths.tls}/tls.crt`]
  return keyServer.spec.stateful?.existing
    ? container(keyServer, image, 'adopt', ['adopt', ...data, '--address', `0.0.0.0:${kesPort}`, ...pair])
    : container(keyServer, image, 'init', ['init', '--config', `${paths.init}/init.yml`, ...data])
}

/** The volume: a claim of the set's own, or the one that holds the data already. */
function volume({ metadata: { name }, spec: { stateful } }: KeyServer) {
  if (stateful?.existing)
    return {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: stateful.existing.claimName } }],
      claims: {},
    }
  const { size, storageClassName: storageClass } = stateful?.storage ?? { size: '1Gi' }
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
    ...(storageClass === undefined || storageClass === '' ? {} : { storageClassName: storageClass }),
  }
  return {
    volumes: [],
    claims: { volumeClaimTemplates: [{ metadata: { name: 'data', labels: selector(name) }, spec }] },
  }
}

/** Name of the claim that holds the data. */
export const claimName = ({ metadata: { name }, spec: { stateful } }: KeyServer): string =>
  stateful?.existing?.claimName ?? `data-${keyServerWorkload(name)}-0`

/** The image that the server shall run. */
export const imageOf = ({ spec }: KeyServer, { statefulImage }: Pick<WorkloadSettings, 'statefulImage'>): string =>
  spec.stateful?.image ?? statefulImage

/** The kubelet has no client certificate and this KES no open route, so a probe can only see that the port is open. */
const tcpProbe = (more: object) => ({ tcpSocket: { port: 'kes' }, timeoutSeconds: 2, ...more })

/**
 * The StatefulSet of one stateful KES. Exactly one replica: a second process on the same volume serves stale policies (facts: KES has
 * no lock file). Its volume outlives it: retention is Retain for deletion and scaling, and nothing owns the claim.
 */
export function statefulSetOf(keyServer: KeyServer, settings: WorkloadSettings): KubeObject {
  const { name } = keyServer.metadata
  const { stateful } = keyServer.spec
  const image = { image: imageOf(keyServer, settings), imagePullPolicy: settings.statefulImagePullPolicy }
  const { volumes, claims } = volume(keyServer)
  return withHash({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: workloadMetadata(name, settings.releaseNamespace),
    spec: {
      replicas: 1,
      serviceName: keyServerWorkload(name),
      selector: { matchLabels: selector(name) },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      template: {
        metadata: { labels: { ...selector(name), [labels.managedBy]: 'kes-injector' } },
        spec: {
          serviceAccountName: settings.keyServerAccount,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 10,
          // A volume that root has written: its root may have our group already while what lies in it has not.
          securityContext: stateful?.existing ? { ...restrictedPod, fsGroupChangePolicy: 'Always' } : restrictedPod,
          initContainers: [preparation(keyServer, image)],
          containers: [
            {
              ...container(keyServer, image, 'kes', [
                'serve',
                '--data',
                dataPath(keyServer),
                '--restart-file',
                `${paths.podInfo}/restart`,
              ]),
              ports: [{ name: 'kes', containerPort: kesPort, protocol: 'TCP' }],
              resources: stateful?.resources ?? {
                requests: { cpu: '100m', memory: '128Mi' },
                limits: { memory: '512Mi' },
              },
              startupProbe: tcpProbe({ periodSeconds: 1, failureThreshold: 60 }),
              readinessProbe: tcpProbe({ periodSeconds: 5, failureThreshold: 2 }),
              livenessProbe: tcpProbe({ periodSeconds: 10, failureThreshold: 6 }),
            },
          ],
          volumes: [
            ...volumes,
            { name: 'tls', secret: { secretName: materialName(name, 'server'), defaultMode: 0o440 } },
            ...(stateful?.existing
              ? []
              : [
                  {
                    name: 'init',
                    secret: { secretName: materialName(name, 'init'), optional: true, defaultMode: 0o440 },
                  },
                ]),
            {
              name: 'pod',
              downwardAPI: {
                items: [{ path: 'restart', fieldRef: { fieldPath: `metadata.annotations['${annotations.restart}']` } }],
              },
            },
          ],
        },
      },
      ...claims,
    },
  } as KubeObject)
}
