/**
 * What happens to an object at admission, and why. One closed set, shared by the response's warning and audit annotations, the metric
 * label, the log field, `docs/reference/reasons.md` and `kubectl kes explain`: never rename one.
 */
export const injectReasons = {
  Injected: 'the object was connected to its key server',
  OperatorKesConnected: 'the KES that the operator runs for this Tenant gets certificates that are renewed',
  Repaired: 'entries of ours that someone had dropped or changed were put back',
} as const

export const skipReasons = {
  AlreadyInjected: 'the object already carries exactly our settings',
  OptedOut: 'it carries the annotation kes-injector.io/inject: disabled',
  NotMinio: 'no container of the pod is MinIO',
  OperatorPod: 'the MinIO operator made this pod: its Tenant carries the settings',
  RunningTenant: 'the Tenant already ran before it was connected; adopt it with kes-injector.io/inject: enabled',
  UserManagedKms: 'it already names a KMS of its own (MINIO_KMS_…)',
  OperatorRunsKes: 'the operator runs KES for this Tenant (spec.kes), with certificates that its owner chose',
  Subresource: 'a subresource of the object was written',
  Deleting: 'the object is being deleted',
  MirrorPod: 'the kubelet owns this pod',
  UnsupportedPlatform: 'the pod runs on a platform that MinIO images are not made for',
  NoClusterDns: 'the pod cannot resolve the name of its key server: its DNS policy leaves out the cluster',
  Malformed: 'the request contradicts itself, or the object has not the shape of its kind and is refused for that',
  NotForUs: 'the request is not the creation of a pod, nor the creation or update of a Tenant',
} as const

export const denyReasons = {
  KeyServerUnknown: 'the namespace chooses a KeyServer that does not exist',
  KeyServerNotAllowed: 'the KeyServer does not admit this namespace',
  KeyNameInvalid:
    'the name of the key is not one that KES accepts, or lies outside the prefix of the namespace and what was granted to it',
  NameCollision: 'a volume or container of the pod or Tenant has the name that ours must have',
  MountCollision: 'something else is mounted where our certificates must be',
  PortCollision: 'something else is, or may be, at the port of the KES inside the pod (placement Sidecar)',
  MountUnknown: 'the annotation kes-injector.io/mount says neither externalClientCertSecrets nor additionalVolumes',
  VolumesUnequal: 'additionalVolumes and additionalVolumeMounts differ in length, so the operator would ignore both',
  MinioTooOld: 'a MinIO of before 2024-05-10 would replace its key in a stateful KES that lets it create keys',
  OperatorCrash: 'the Tenant would crash the MinIO operator for every Tenant of the cluster',
  NotReady: 'the webhook does not know the namespaces and key servers of the cluster yet',
} as const

export type InjectReason = keyof typeof injectReasons
export type SkipReason = keyof typeof skipReasons
export type DenyReason = keyof typeof denyReasons
export type Reason = InjectReason | SkipReason | DenyReason
