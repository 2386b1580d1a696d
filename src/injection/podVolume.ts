import { clientSecretName, podMountPath } from '../api/names.ts'
import { canonicalPath } from '../minio/pod.ts'
import { isAbsent, isObject, listOf, member, memberAt, textAt, textOf } from '../minio/shape.ts'
import type { PatchValue } from './patch.ts'

/** Name of our volume: fixed, so that people and policies can name it. */
export const volumeName = 'kes-injector'

/** What of the Secret is mounted. All three must be there, or the kubelet holds the pod back until they are. */
const secretFiles = ['tls.crt', 'tls.key', 'ca.crt'] as const

/** The files as MinIO finds them. */
export const podFiles = {
  certificateFile: `${podMountPath}/tls.crt`,
  keyFile: `${podMountPath}/tls.key`,
  authorityPath: `${podMountPath}/ca.crt`,
} as const

/**
 * Who may read the files. With `fsGroup` the kubelet gives them to that group, of which every process in the pod is a
 * member: 0440. Without it they belong to root, and MinIO that runs as another user could not read its own key: 0444,
 * which opens it to nobody else, because only MinIO's container mounts the volume and the node's folder above it is
 * root's. (Kubernetes: "Configure a Security Context for a Pod", pkg/volume SetVolumeOwnership.)
 */
export const filesMode = (pod: unknown): number =>
  isAbsent(memberAt(pod, 'spec', 'securityContext', 'fsGroup')) ? 0o444 : 0o440

export const volumeFor = (pod: unknown): PatchValue => volumeOfMode(filesMode(pod))

export const volumeOfMode = (defaultMode: number): PatchValue => volumeWith(ourSecret, defaultMode)

/** A volume that holds the named files of one Secret, all of them or the pod waits; without names whatever is in it. */
export interface SecretVolume {
  readonly volume: string
  readonly secret: string
  readonly files?: readonly string[]
}

const ourSecret: SecretVolume = { volume: volumeName, secret: clientSecretName, files: secretFiles }

export const volumeWith = ({ volume, secret, files }: SecretVolume, defaultMode: number): PatchValue => ({
  name: volume,
  projected: {
    defaultMode,
    sources: [
      { secret: files ? { name: secret, items: files.map((file) => ({ key: file, path: file })) } : { name: secret } },
    ],
  },
})

export const mount: PatchValue = { name: volumeName, mountPath: podMountPath, readOnly: true }

/** What bears the name of a volume or container of ours. */
export type Named = 'missing' | 'ours' | 'strange'

/** What bears the name of our volume. The mode is not compared: another version of ours may have chosen another one. */
export function findVolume(volumes: readonly unknown[], wanted = ourSecret): Named {
  let found: Named = 'missing'
  for (const each of volumes) {
    if (textOf(each, 'name') !== wanted.volume) continue
    if (!isVolumeWith(each, wanted)) return 'strange'
    found = 'ours'
  }
  return found
}

function isVolumeWith(volume: unknown, { secret, files = [] }: SecretVolume): boolean {
  const [source, ...more] = listOf(memberAt(volume, 'projected', 'sources')) ?? []
  const items = listOf(memberAt(source, 'secret', 'items')) ?? []
  return (
    more.length === 0 &&
    isObject(source) &&
    Object.keys(source).length === 1 &&
    textAt(source, 'secret', 'name') === secret &&
    items.length === files.length &&
    files.every((file, at) => textOf(items[at], 'key') === file && textOf(items[at], 'path') === file)
  )
}

export const isOurMount = (candidate: unknown): boolean =>
  textOf(candidate, 'name') === volumeName &&
  canonicalPath(textOf(candidate, 'mountPath') ?? '') === podMountPath &&
  [member(candidate, 'subPath'), member(candidate, 'subPathExpr')].every((each) => isAbsent(each) || each === '')
