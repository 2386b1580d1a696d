import { isKeyName, isOwnKey, realmOf } from '../api/keyName.ts'
import { annotations, disabled, enabled, podMountPath, type TenantMount } from '../api/names.ts'
import { kesVariables } from '../minio/environment.ts'
import { crashesOperator } from '../minio/operatorCrash.ts'
import { annotationOf, isAbsent, memberAt, textAt } from '../minio/shape.ts'
import { operatorRunsKes } from '../minio/tenant.ts'
import type { AdmissionRequest, Context } from './context.ts'
import { decideOperatorKes } from './decideOperatorKes.ts'
import { deny, inject, skip, type Decision, type Deny } from './decision.ts'
import { endpointNamed, keyServerAt } from './endpoint.ts'
import { chooseKey, keyNameDenied, quoted, type KeyChoice } from './keyChoice.ts'
import { minioTooOld } from './minioTooOld.ts'
import { injectAnnotationNotes, keptNote } from './notes.ts'
import { volumeName } from './podVolume.ts'
import { isComplete, readTenant, volumesPair, type TenantFacts } from './tenantFacts.ts'
import { chooseMount } from './tenantMount.ts'
import { planTenant } from './tenantPlan.ts'

interface TenantCase {
  readonly request: AdmissionRequest
  readonly tenant: unknown
  /** The Tenant as it is stored; undefined at its creation. */
  readonly stored: unknown
  readonly facts: TenantFacts
  readonly former: TenantFacts | undefined
  readonly context: Context
}

type Rule = (input: TenantCase) => Decision | undefined

const annotationInject = (tenant: unknown): string | undefined => annotationOf(tenant, annotations.inject)

// Removing a finalizer is an UPDATE too: a Tenant that goes must not be held up.
const deleting = (tenant: unknown): Decision | undefined =>
  isAbsent(memberAt(tenant, 'metadata', 'deletionTimestamp')) ? undefined : skip('Deleting')

// Whoever introduces it stops every Tenant of the cluster; who only touches a Tenant that has it must be able to mend it.
function operatorCrash({ operation, object, oldObject }: AdmissionRequest): Decision | undefined {
  if (!crashesOperator(object) || (operation === 'UPDATE' && crashesOperator(oldObject))) return undefined
  return deny(
    'OperatorCrash',
    'with spec.kes, a spec.externalClientCertSecret of this type and no spec.kes.externalCertSecret crash the MinIO ' +
      'operator for every Tenant of the cluster. Set spec.externalClientCertSecret.type to kubernetes.io/tls.',
  )
}

// Whoever takes spec.kes away leaves data behind that only that KES can open: a key server of ours would be the wrong one.
const formerlyOperatorKes: Rule = ({ stored, former }) =>
  operatorRunsKes(stored) && !former?.connected
    ? skip('OperatorRunsKes', 'spec.kes was taken away, and its data is encrypted with keys of that KES')
    : undefined

// Opting out says "do not connect". It can't disconnect: once KES is on, MinIO's configuration and users are sealed with
// it (facts: MinIO cannot be started without it again), so letting go of a connected Tenant takes its name as well.
const optedOut: Rule = ({ tenant, former, request }) => {
  if (annotationInject(tenant) !== disabled) return undefined
  const letGo = annotationOf(tenant, annotations.confirmDelete) === request.name
  return former?.connected && !letGo ? undefined : skip('OptedOut')
}

// Any variable of a KMS makes MinIO demand the rest of its family and refuse every other one (MinIO internal/kms/config.go).
const userManagedKms: Rule = ({ facts }) =>
  facts.usersOwn ? skip('UserManagedKms', `${facts.usersOwn.name} is set in spec.env`) : undefined

// A name outside prefix and grants is refused by KES, so MinIO would not start. One that is stored already is left alone.
const strangeKey: Rule = ({ facts, former, context: { keyServer, namespace } }) => {
  const keyName = facts.kes.get('keyName')?.literal
  if (keyName === undefined || keyServer === 'unknown' || keyName === former?.kes.get('keyName')?.literal)
    return undefined
  const realm = realmOf(keyServer.spec, namespace.name)
  return isOwnKey(keyName, realm) ? undefined : keyNameDenied(keyName, `${kesVariables.keyName} in spec.env`, realm)
}

// Who only touches a connected Tenant that has such an image must be able to mend it.
const tooOld: Rule = ({ tenant, stored, facts, former, context }) => {
  const image = textAt(tenant, 'spec', 'image')
  const concerned = stored === undefined || facts.connected || annotationInject(tenant) === enabled
  const asBefore = former?.connected === true && image === textAt(stored, 'spec', 'image')
  return concerned && !asBefore ? minioTooOld(image, context) : undefined
}

const alreadyInjected: Rule = ({ facts, former }) => {
  const mount = mountAlready(facts, former)
  // A volume or mount of the user's that has no counterpart makes the operator drop ours as well: see `unmountable`.
  const works = mount !== undefined && (mount !== 'additionalVolumes' || volumesPair(facts))
  return works && isComplete(facts, mount) ? skip('AlreadyInjected') : undefined
}

// Connecting it restarts MinIO, for about a minute of failed requests, and a change of env that is not followed by a
// restart of all pods leaves a trap (measured): only where somebody asks.
const runningTenant: Rule = ({ stored, former, tenant }) =>
  stored !== undefined && !former?.connected && annotationInject(tenant) !== enabled ? skip('RunningTenant') : undefined

/** First answer wins: what must be left alone, what the user said, what would lose keys, what is there already. */
const rules: readonly Rule[] = [
  formerlyOperatorKes,
  optedOut,
  userManagedKms,
  strangeKey,
  tooOld,
  alreadyInjected,
  runningTenant,
]

/** Decides about the creation or change of a Tenant. Pure: the same request and context, the same answer. */
export function decideTenant(request: AdmissionRequest, context: Context): Decision {
  const first = deleting(request.object) ?? operatorCrash(request)
  if (first) return first
  const stored = request.operation === 'UPDATE' ? (request.oldObject ?? {}) : undefined
  const former = readTenant(stored, context)
  // A Tenant of ours that gets spec.kes besides keeps the key server that its data is encrypted at: spec.env beats what the operator sets.
  if (operatorRunsKes(request.object) && !former?.connected) return decideOperatorKes(request)
  const facts = readTenant(request.object, context, former)
  if (!facts) return skip('Malformed', 'spec or one of the lists in it has not the shape of the CRD')
  const input: TenantCase = { request, tenant: request.object, stored, facts, former, context }
  for (const rule of rules) {
    const answer = rule(input)
    if (answer) return answer
  }
  return connect(input)
}

function connect(input: TenantCase): Decision {
  const { facts, former, stored, tenant, context } = input
  const choice = choose(input)
  if ('outcome' in choice) return choice
  // What is stored is kept: another way means other values of env, so a restart of all pods at once.
  const mount = mountAlready(facts, former) ?? chooseMount(tenant, context)
  if (typeof mount === 'object') return mount
  const refused = mount === 'additionalVolumes' ? unmountable(facts) : undefined
  if (refused) return refused
  const endpoint = endpointIn(input) ?? endpointNamed(choice.keyServer, context)
  const operations = planTenant(tenant, facts, mount, { endpoint, keyName: choice.keyName })
  const notes = injectAnnotationNotes(tenant)
  if (former?.connected) {
    const kept = annotationInject(tenant) === disabled ? [keptNote] : []
    return inject('Repaired', operations, choice, [...notes, ...kept])
  }
  return inject('Injected', operations, choice, stored === undefined ? notes : [...notes, adoptedNote])
}

const mountAlready = (facts: TenantFacts, former: TenantFacts | undefined): TenantMount | undefined =>
  (former?.connected ? former.mount : undefined) ?? facts.mount

/** Why our volume cannot be one of the Tenant's. */
function unmountable(facts: TenantFacts): Deny | undefined {
  if (facts.volume === 'strange')
    return deny('NameCollision', `spec.additionalVolumes has a volume called ${volumeName}: give it another name.`)
  if (facts.collision !== undefined)
    return deny(
      'MountCollision',
      `spec.additionalVolumeMounts has ${quoted(facts.collision)}, and the certificates for KES must be at ` +
        `${podMountPath}: mount it elsewhere.`,
    )
  if (volumesPair(facts)) return undefined
  return deny(
    'VolumesUnequal',
    `spec.additionalVolumes and spec.additionalVolumeMounts must be of equal length, one mount a volume, or the MinIO ` +
      `operator ignores both. Make them so, or set ${annotations.mount}: externalClientCertSecrets before the Tenant is created.`,
  )
}

const adoptedNote = 'MinIO restarts now to use KES: delete all pods of the Tenant together to make it short'

/** The endpoint that the object names, or else the one that is stored. */
const endpointIn = ({ facts, former }: TenantCase): string | undefined =>
  (facts.kes.get('endpoint') ?? (former?.connected ? former.kes.get('endpoint') : undefined))?.literal

/**
 * Server and key: what the object says, else what is stored, else what the namespace asks for. In this order, because a
 * connected Tenant's data is encrypted with the key of then.
 */
function choose(input: TenantCase): KeyChoice | Deny {
  const { facts, former, tenant, context } = input
  const stored = former?.connected ? former.kes : undefined
  const endpoint = endpointIn(input)
  const keyServer = endpoint === undefined ? undefined : keyServerAt(endpoint, context)
  const storedName = stored?.get('keyName')?.literal
  const keyName = facts.kes.get('keyName')?.literal ?? (storedName && isKeyName(storedName) ? storedName : undefined)
  if (keyServer !== undefined && keyName !== undefined) return { keyServer, keyName }
  const chosen = chooseKey(tenant, context)
  if ('outcome' in chosen) return chosen
  return { keyServer: keyServer ?? chosen.keyServer, keyName: keyName ?? chosen.keyName }
}
