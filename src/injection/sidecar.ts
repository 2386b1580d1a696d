import { sidecarContainerName, sidecarEndpoint, sidecarSecretName } from '../api/names.ts'
import { memberAt } from '../minio/shape.ts'
import type { ContainerImage, KeyServerFacts } from './context.ts'
import type { PatchValue } from './patch.ts'
import { filesMode, volumeWith, type SecretVolume } from './podVolume.ts'

/** Where the KES inside a MinIO pod finds its Secret; its configuration names the pair there (src/kes/sidecarConfig.ts). */
export const sidecarFolder = '/run/kes'

/** The whole Secret, which is written in one write: besides the configuration and the pair it holds what the configuration names. */
export const sidecarVolume: SecretVolume = { volume: sidecarSecretName, secret: sidecarSecretName }

export const sidecarVolumeFor = (pod: unknown): PatchValue => volumeWith(sidecarVolume, filesMode(pod))

/** A user for pods that name none, or root: KES's own image would run as root. */
const ownUser = 65_532

const userOf = (pod: unknown): Readonly<Record<string, PatchValue>> => {
  const user = memberAt(pod, 'spec', 'securityContext', 'runAsUser')
  return typeof user === 'number' && user > 0 ? {} : { runAsUser: ownUser, runAsGroup: ownUser }
}

const standardResources: PatchValue = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } }

/**
 * KES as a native sidecar: an init container that goes on running. The kubelet starts MinIO once `startupProbe` has succeeded, restarts
 * KES on its own, and stops it after MinIO; a Job ends when its other containers do (Kubernetes, "Sidecar Containers").
 *
 * It listens inside the pod only, where the kubelet cannot reach it, so the probe is KES's own command, run in the container. It shows the
 * pair that KES serves as its client pair, whose identity may ask for the status and for nothing else. There is no other probe: while
 * the key store is away a probe would fail, and a restart would forget the keys that KES still serves from memory.
 */
export const sidecarFor = (pod: unknown, { spec }: KeyServerFacts, standard: ContainerImage): PatchValue => ({
  name: sidecarContainerName,
  image: spec.server?.image ?? standard.image,
  imagePullPolicy: standard.pullPolicy,
  restartPolicy: 'Always',
  args: ['server', '--config', `${sidecarFolder}/server-config.yaml`],
  env: [
    { name: 'MINIO_KES_SERVER', value: sidecarEndpoint },
    { name: 'MINIO_KES_CLIENT_CERT', value: `${sidecarFolder}/tls.crt` },
    { name: 'MINIO_KES_CLIENT_KEY', value: `${sidecarFolder}/tls.key` },
  ],
  startupProbe: {
    exec: { command: ['/kes', 'status', '--insecure', '--short'] },
    periodSeconds: 1,
    timeoutSeconds: 5,
    failureThreshold: 60,
  },
  // What KES says last, it says on stderr: the pod's status then tells why it does not start.
  terminationMessagePolicy: 'FallbackToLogsOnError',
  resources: (spec.server?.resources as PatchValue | undefined) ?? standardResources,
  securityContext: {
    runAsNonRoot: true,
    ...userOf(pod),
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  volumeMounts: [{ name: sidecarVolume.volume, mountPath: sidecarFolder, readOnly: true }],
})
