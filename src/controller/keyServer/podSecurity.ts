/** Numeric user of the KES images as we run them, as restricted pod security asks for. */
const user = 65_532

/** What a container needs to pass the Pod Security Standard `restricted`, and a read-only root on top. */
export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const

/** The same for the pod. The group owns the volumes, so that the user can read its Secrets and write its data. */
export const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} as const
