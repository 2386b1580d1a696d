/** The words that users type and objects carry (design.md §2). Never rename one: people's manifests and our RBAC name them. */
export const group = 'kes-injector.io'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

export const labels = {
  /** On a namespace, with the value `enabled`: MinIO objects created there are connected. */
  inject: `${group}/inject`,
  /** On everything that the controller makes for a KeyServer: the KeyServer's name. */
  keyServer: `${group}/key-server`,
  /** On everything that the controller makes for a KesIdentity: `NAMESPACE.NAME`, hashed where it is longer than a label may be. */
  identity: `${group}/kes-identity`,
  component: 'app.kubernetes.io/component',
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  managedBy: 'app.kubernetes.io/managed-by',
} as const

export const annotations = {
  /** `disabled` on a Tenant or pod: left alone when it is created. `enabled` on a Tenant that already runs: adopted. */
  inject: `${group}/inject`,
  /** On a namespace: the KeyServer to use; none: the one called `default`. */
  keyServer: `${group}/key-server`,
  /** On a namespace, Tenant or pod: the name of the default key. */
  keyName: `${group}/key-name`,
  /** On a namespace: further keys, comma-separated, each without the prefix of the namespace. */
  keys: `${group}/keys`,
  /** On a namespace or Tenant: how the identity reaches the operator's MinIO pods, one of `tenantMounts`. Read once, when it is connected. */
  mount: `${group}/mount`,
  /** On a pod: the container that is MinIO; none: the one called `minio`. */
  container: `${group}/container`,
  /** On key material: its own name, before it may be deleted. On a connected Tenant that is opted out: its name, before our settings may go. */
  confirmDelete: `${group}/confirm-delete`,
  /** On a KesIdentity that is being deleted: its name, where it shall go although nobody saw its key server refuse it. */
  skipRevocation: `${group}/skip-revocation`,
  /** On the unseal key of a KeyServer: since when its volume holds keys. Kept there too, where a restored status could not be. */
  initializedAt: `${group}/initialized-at`,
  /** On a KeyServer: the first 16 hex digits of the fingerprint of the unseal key of which there is a backup that was read back. */
  backupConfirmed: `${group}/backup-confirmed`,
  /** On what a restore made: the backup that it came from, so that a restore that was cut off can go on. */
  restoredFrom: `${group}/restored-from`,
  /** On a claim that a restore made: since when its volume holds the keys again. */
  volumeFilled: `${group}/volume-filled`,
  /** On a KES pod: a counter; when it moves, the launcher starts KES again in place. */
  restart: `${group}/restart`,
  /** On the configuration of a current KES: a hash of it. On its pods: that of what was written last; a change makes the kubelet look. */
  configuration: `${group}/configuration`,
  /** On the configuration of a current KES: a hash of its key store section. */
  keystore: `${group}/keystore`,
  /** On the pods of a current KES: a hash of the environment that they were started with. */
  environment: `${group}/environment`,
} as const

/** On every KesIdentity that may be known to a key server: it goes only after it was seen refused there. */
export const revocationFinalizer = `${group}/revocation`

export const enabled = 'enabled'
export const disabled = 'disabled'

/** The KeyServer of a namespace that names none. */
export const defaultKeyServer = 'default'

/** Secret in each workload namespace: `tls.crt`, `tls.key`, `ca.crt`. The name is fixed so that RBAC can name it. */
export const clientSecretName = 'kes-client'

/**
 * Secrets in the namespace of a Tenant whose KES the operator runs (`spec.kes`): MinIO's client pair with the authority, and the pair
 * that KES serves. Not `kes-client`: that one is the namespace's identity at a KeyServer of ours, under another authority.
 */
export const tenantClientSecretName = 'kes-tenant-client'
export const tenantServerSecretName = 'kes-tenant-server'

/**
 * Secret in each namespace whose KeyServer has `placement: Sidecar`: the configuration of the KES in its MinIO pods, and the pair that it
 * serves. It holds the credentials of the key store.
 */
export const sidecarSecretName = 'kes-sidecar'

/** The ways of our Secret into the operator's MinIO pods: the operator's own list of client certificates, or volumes of the Tenant's. */
export const tenantMounts = ['externalClientCertSecrets', 'additionalVolumes'] as const
export type TenantMount = (typeof tenantMounts)[number]

/** Where the Secret is mounted in plain MinIO pods: outside `/tmp/certs` and `/etc/minio/certs`, which MinIO's distributions own. */
export const podMountPath = '/run/kes-injector'

/** Port of every KES (KES's own default). */
export const kesPort = 7373

/** The KES inside a MinIO pod: the name of its container, and where MinIO in the same pod finds it. Nothing outside the pod can dial it. */
export const sidecarContainerName = 'kes'
export const sidecarEndpoint = `https://127.0.0.1:${kesPort}`

/** Name of the Service (and StatefulSet) that the controller makes for a KeyServer. */
export const keyServerWorkload = (keyServer: string): string => `kes-${keyServer}`

/**
 * Where the clients of an embedded KeyServer dial: known from names alone, so the webhook needs no status and no live controller.
 * The cluster's domain is left to the resolver's search path, which every pod has.
 */
export const keyServerEndpoint = (keyServer: string, releaseNamespace: string): string =>
  `https://${keyServerWorkload(keyServer)}.${releaseNamespace}.svc:${kesPort}`
