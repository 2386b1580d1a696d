import { clientSecretName, podMountPath, type TenantMount } from '../api/names.ts'
import { kesVariableOrder, type KesSettings, type KesVariable } from '../minio/environment.ts'
import { nests } from '../minio/pod.ts'
import { isObject, listOf, memberAt, textAt } from '../minio/shape.ts'
import {
  clientFiles,
  fileVariables,
  isClientFile,
  pairWithAuthority,
  refersTo,
  type FileVariable,
} from '../minio/tenant.ts'
import { readKmsVariables, type Variable } from '../minio/variable.ts'
import { isOurEndpoint, type Surroundings } from './endpoint.ts'
import { findVolume, isOurMount, podFiles } from './podVolume.ts'

/** Our entry in `spec.externalClientCertSecrets`. */
export const ourReference = { name: clientSecretName, type: pairWithAuthority } as const

/** What a Tenant says about its KMS, and which of it is ours. */
export interface TenantFacts {
  readonly env: readonly unknown[]
  readonly references: readonly unknown[]
  /** Index of our entry; -1 where it is missing. */
  readonly reference: number
  readonly volumes: readonly unknown[]
  readonly mounts: readonly unknown[]
  /** What bears the name of our volume in `spec.additionalVolumes`. */
  readonly volume: 'missing' | 'ours' | 'strange'
  readonly mounted: boolean
  /** A path at which our files cannot be, because a mount of the user's is. */
  readonly collision: string | undefined
  readonly kes: ReadonlyMap<KesVariable, Variable>
  /** A variable that is the user's own way to a KMS: then nothing is ever changed. */
  readonly usersOwn: Variable | undefined
  /** Whether it was connected by us: something in it is certainly ours, and nothing is a KMS of the user's. */
  readonly connected: boolean
  /** Which way our files come, where it says so. */
  readonly mount: TenantMount | undefined
}

/**
 * Reads a Tenant; undefined where `spec`, `env` or one of the lists is not what the CRD's schema wants, so that the API server refuses
 * the object anyway.
 *
 * What is ours: the entry by name and type; the volume by name and content; an endpoint and the files below our mount by their values; a
 * file at any index, but only beside our entry or endpoint (in this object or in `former`), because users number certificates of their
 * own the same way. A key name is nobody's: every literal name is a choice, ours is only the default, and KES refuses names of other
 * namespaces.
 */
export function readTenant(tenant: unknown, surroundings: Surroundings, former?: TenantFacts): TenantFacts | undefined {
  const spec = memberAt(tenant, 'spec')
  const [env, references, volumes, mounts] = [
    'env',
    'externalClientCertSecrets',
    'additionalVolumes',
    'additionalVolumeMounts',
  ].map((name) => listOf(memberAt(spec, name)))
  if (!isObject(spec) || !env || !references || !volumes || !mounts) return undefined
  const { kes, foreign } = readKmsVariables(env)
  const reference = references.findIndex((each) => refersTo(each, ourReference))
  const volume = findVolume(volumes)
  const trace = reference >= 0 || volume === 'ours' || isOurEndpoint(kes.get('endpoint'), surroundings)
  const filesMayBeOurs = trace || former?.connected === true
  const isOurFile =
    (which: FileVariable) =>
    ({ literal = '' }: Variable): boolean =>
      literal === podFiles[which] || (filesMayBeOurs && isClientFile(which, literal))
  const isOurs: Readonly<Record<KesVariable, (variable: Variable) => boolean>> = {
    endpoint: (variable) => isOurEndpoint(variable, surroundings),
    keyName: ({ literal }) => literal !== undefined,
    certificateFile: isOurFile('certificateFile'),
    keyFile: isOurFile('keyFile'),
    authorityPath: isOurFile('authorityPath'),
  }
  const usersOwn = foreign ?? [...kes].find(([which, variable]) => !isOurs[which](variable))?.[1]
  return {
    env,
    references,
    reference,
    volumes,
    mounts,
    volume,
    mounted: mounts.some(isOurMount),
    collision: mounts
      .filter((each) => !isOurMount(each))
      .map((each) => textAt(each, 'mountPath'))
      .find((path) => path !== undefined && nests(path, podMountPath)),
    kes,
    usersOwn,
    connected: trace && !usersOwn,
    mount: mountIn(reference, volume, kes.get('certificateFile')),
  }
}

/** What MinIO is told counts first: entry and volume can both be there, copied from two Tenants. */
function mountIn(
  reference: number,
  volume: TenantFacts['volume'],
  certificateFile: Variable | undefined,
): TenantMount | undefined {
  const file = certificateFile?.literal ?? ''
  if (file === podFiles.certificateFile) return 'additionalVolumes'
  if (reference >= 0 || isClientFile('certificateFile', file)) return 'externalClientCertSecrets'
  return volume === 'ours' ? 'additionalVolumes' : undefined
}

/** Index that our entry has, or gets: the end of the list, so that no entry of the user's moves. */
const referenceIndex = ({ reference, references }: TenantFacts): number =>
  reference >= 0 ? reference : references.length

/** Where MinIO finds our files, by the way that they come. */
export const filesOf = (facts: TenantFacts, mount: TenantMount): Pick<KesSettings, FileVariable> =>
  mount === 'additionalVolumes' ? podFiles : clientFiles(referenceIndex(facts))

/** Whether all that we write for this way is there: entry or volume, the five variables, and the files that they name. */
export function isComplete(facts: TenantFacts, mount: TenantMount): boolean {
  const { reference, volume, mounted, kes } = facts
  const there = mount === 'additionalVolumes' ? volume === 'ours' && mounted : reference >= 0
  if (!there || kesVariableOrder.some((each) => !kes.has(each))) return false
  const files = filesOf(facts, mount)
  return fileVariables.every((each) => kes.get(each)?.literal === files[each])
}

/** Whether the operator will use both lists of volumes with ours in them: only where they are of equal length (minio-statefulset.go). */
export const volumesPair = ({ volumes, mounts, volume, mounted }: TenantFacts): boolean =>
  volumes.length + Number(volume === 'missing') === mounts.length + Number(!mounted)
