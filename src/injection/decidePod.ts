import { isOwnKey, realmOf } from '../api/keyName.ts'
import { annotations, disabled, podMountPath } from '../api/names.ts'
import { configurationFileVariable, kesVariables } from '../minio/environment.ts'
import { isMirror, isWindows, operatorTenant, resolvesServices } from '../minio/pod.ts'
import { annotationOf, isAbsent, memberAt, textOf } from '../minio/shape.ts'
import type { AdmissionRequest, Context } from './context.ts'
import { deny, inject, skip, type Decision } from './decision.ts'
import { decideOperatorSidecar, inTheWay, sidecarNote } from './decideSidecar.ts'
import { endpointNamed, keyServerAt } from './endpoint.ts'
import { chooseKey, keyNameDenied, quoted } from './keyChoice.ts'
import { minioTooOld } from './minioTooOld.ts'
import { injectAnnotationNotes } from './notes.ts'
import { containerName, isConnected, isPodShaped, readPod, type PodFacts } from './podFacts.ts'
import { planPod } from './podPlan.ts'
import { volumeName } from './podVolume.ts'

/** A rule that needs to know nothing of MinIO. */
type PodRule = (pod: unknown, context: Context) => Decision | undefined
/** A rule about a pod with MinIO in it. */
type MinioRule = (facts: PodFacts, context: Context) => Decision | undefined

const deleting: PodRule = (pod) =>
  isAbsent(memberAt(pod, 'metadata', 'deletionTimestamp')) ? undefined : skip('Deleting')

// The kubelet made it from a file on its node; the API server refuses every change to it.
const mirrorPod: PodRule = (pod) => (isMirror(pod) ? skip('MirrorPod') : undefined)

const optedOut: PodRule = (pod) => (annotationOf(pod, annotations.inject) === disabled ? skip('OptedOut') : undefined)

// Its settings stand in its Tenant; the KES inside the pod can't: the operator has no place for it before MinIO.
const operatorSidecar: PodRule = (pod, context) =>
  operatorTenant(pod) === undefined ? undefined : decideOperatorSidecar(pod, context)

// The operator writes its pods' environment into a file that beats the container's (v6 and later): the Tenant is the place.
const operatorPod: PodRule = (pod) => {
  const tenant = operatorTenant(pod)
  return tenant === undefined ? undefined : skip('OperatorPod', `of Tenant ${quoted(tenant)}`)
}

const shapeless: PodRule = (pod) =>
  isPodShaped(pod) ? undefined : skip('Malformed', 'the pod has no list of containers')

/** First answer wins: what must not be touched, what the user said, whose pod it is. */
const podRules: readonly PodRule[] = [deleting, mirrorPod, operatorSidecar, optedOut, operatorPod, shapeless]

const unsupportedPlatform = (pod: unknown): Decision | undefined =>
  isWindows(pod) ? skip('UnsupportedPlatform') : undefined

// MinIO ends within seconds where it can't find its key server.
const noClusterDns = (pod: unknown, { sidecar }: PodFacts): Decision | undefined =>
  sidecar || resolvesServices(pod)
    ? undefined
    : skip('NoClusterDns', 'on the network of the host take dnsPolicy: ClusterFirstWithHostNet')

// Any variable of a KMS makes MinIO demand the rest of its family and refuse every other one (MinIO internal/kms/config.go).
const userManagedKms: MinioRule = ({ usersOwn }) =>
  usersOwn ? skip('UserManagedKms', `${usersOwn.name} is set in the container`) : undefined

// A name outside prefix and grants is refused by KES, so MinIO would not start.
const strangeKey: MinioRule = ({ kes }, { keyServer, namespace }) => {
  const keyName = kes.get('keyName')?.literal
  if (keyName === undefined || keyServer === 'unknown') return undefined
  const realm = realmOf(keyServer.spec, namespace.name)
  return isOwnKey(keyName, realm)
    ? undefined
    : keyNameDenied(keyName, `${kesVariables.keyName} in the container`, realm)
}

const tooOld: MinioRule = ({ image }, context) => minioTooOld(image, context)

const alreadyInjected: MinioRule = (facts) => (isConnected(facts) ? skip('AlreadyInjected') : undefined)

const nameCollision: MinioRule = ({ volume }) =>
  volume === 'strange'
    ? deny('NameCollision', `the pod has a volume of its own called ${volumeName}: give it another name.`)
    : undefined

// Below or above ours: the one that is mounted later would hide the other, and which that is the runtime decides.
const mountCollision: MinioRule = ({ collision }) =>
  collision === undefined
    ? undefined
    : deny(
        'MountCollision',
        `the container mounts something at ${quoted(collision)}, and the certificates for KES must be at ` +
          `${podMountPath}: mount it elsewhere.`,
      )

const sidecarInTheWay: MinioRule = ({ sidecar }) => sidecar && inTheWay(sidecar)

/** First answer wins: whose KMS it is, what would lose keys, what is there already, what is in the way. */
const minioRules: readonly MinioRule[] = [
  userManagedKms,
  strangeKey,
  tooOld,
  alreadyInjected,
  nameCollision,
  mountCollision,
  sidecarInTheWay,
]

/** Decides about the creation of a pod. Pure: the same request and context, the same answer. */
export function decidePod({ object: pod }: AdmissionRequest, context: Context): Decision {
  for (const rule of podRules) {
    const answer = rule(pod, context)
    if (answer) return answer
  }
  const facts = readPod(pod, context)
  if (facts === undefined) return skip('Malformed', 'env, envFrom, volumeMounts, volumes or initContainers is no list')
  if (facts === 'none') return skip('NotMinio', missingContainer(pod))
  const cannotRun = unsupportedPlatform(pod) ?? noClusterDns(pod, facts)
  if (cannotRun) return cannotRun
  for (const rule of minioRules) {
    const answer = rule(facts, context)
    if (answer) return answer
  }
  return connect(pod, facts, context)
}

function connect(pod: unknown, facts: PodFacts, context: Context): Decision {
  const chosen = chooseKey(pod, context)
  if ('outcome' in chosen) return chosen
  const endpoint = facts.kes.get('endpoint')?.literal
  const keyServer = (endpoint && keyServerAt(endpoint, context)) ?? chosen.keyServer
  const keyName = facts.kes.get('keyName')?.literal ?? chosen.keyName
  const operations = planPod(pod, facts, { endpoint: endpointNamed(keyServer, context), keyName }, context)
  const notes = [...(facts.sidecar ? [sidecarNote] : []), ...injectAnnotationNotes(pod), ...unseen(facts)]
  return inject('Injected', operations, { keyServer, keyName }, notes)
}

const missingContainer = (pod: unknown): string | undefined =>
  annotationOf(pod, annotations.container) === undefined
    ? undefined
    : `${annotations.container} names ${quoted(containerName(pod))}, which is no container of the pod`

/** Environment that we can't see and that MinIO will: a KMS named there would stop it, or silently beat ours. */
function unseen({ env, envFrom }: PodFacts): readonly string[] {
  return [
    ...(envFrom.length > 0 ? ['envFrom is not read here: a MINIO_KMS_ variable in it stops MinIO'] : []),
    ...(env.some((each) => textOf(each, 'name') === configurationFileVariable)
      ? [`${configurationFileVariable} is not read here: a MINIO_KMS_ variable in the file beats ours`]
      : []),
  ]
}
