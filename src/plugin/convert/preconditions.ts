import { isTrue } from '../../api/conditions.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { expandPrefix, isGranted, keyNameProblem, realmOf } from '../../api/keyName.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { apiVersion, clientSecretName } from '../../api/names.ts'
import { admittedKeyServer } from '../../injection/keyChoice.ts'
import { problem, warning, type Finding } from '../told.ts'
import type { HandMade } from './handMade.ts'
import type { Observed } from './observe.ts'

/** What must hold before a Tenant is changed: pods that find no identity, no key or no server stop, and there is no way back to the former one. */
export function preconditions(observed: Observed, handMade: HandMade): readonly Finding[] {
  const { surroundings } = observed
  const admitted = admittedKeyServer(surroundings.context)
  return [
    ...surroundings.assumptions,
    ...('outcome' in admitted ? [problem(admitted.sentence)] : []),
    ...serverFindings(observed, handMade),
    ...identityFindings(observed, handMade),
  ]
}

function serverFindings({ keyServer, surroundings }: Observed, { settings }: HandMade): readonly Finding[] {
  if (keyServer.is === 'hidden')
    return [problem('you may not read KeyServers: whether it is Ready and has the key is not known. Ask who may')]
  if (keyServer.is !== 'found') return [problem('the KeyServer of the namespace does not exist')]
  const { name } = surroundings.context.namespace
  const server = keyServer.value
  const strange = keyNameProblem(settings.keyName, realmOf(server.spec, name))
  return [
    ...(isTrue(server.status?.conditions, 'Ready')
      ? []
      : [problem(`the KeyServer ${server.metadata.name} is not Ready: kubectl kes status`)]),
    ...(strange === undefined
      ? []
      : [
          problem(
            `${strange}. Who may edit the KeyServer ${server.metadata.name} grants it: ` +
              `spec.grants: [{ namespace: ${name}, keys: [${settings.keyName}] }]`,
          ),
        ]),
    ...keyFindings(server, settings.keyName),
    ...ungranted(server),
  ]
}

/** A server with another key of that name, or none, could not open one object: an embedded one of ours lists what it has. */
function keyFindings({ metadata, spec, status }: KeyServer, keyName: string): readonly Finding[] {
  if (status?.keys?.includes(keyName)) return []
  return spec.stateful
    ? [
        problem(
          `the KeyServer ${metadata.name} has no key ${keyName}: it is not the one that the data is encrypted with`,
        ),
      ]
    : [warning(`whether the KeyServer ${metadata.name} has the key ${keyName} of this Tenant is not known: look there`)]
}

/** Buckets may be encrypted with keys that no Tenant names. */
function ungranted({ spec, status }: KeyServer): readonly Finding[] {
  const anyones = new RegExp(`^${expandPrefix(spec.keyPrefix, '[a-z0-9-]{1,63}')}.+`)
  const everyGrant = { keyPrefix: '', granted: (spec.grants ?? []).flatMap(({ keys }) => keys) }
  const nobodys = (status?.keys ?? []).filter(
    (key) => key !== 'kes-injector-check' && !anyones.test(key) && !isGranted(key, everyGrant),
  )
  return nobodys.length === 0
    ? []
    : [
        warning(
          `keys that no namespace may use: ${nobodys.slice(0, 10).join(', ')}${nobodys.length > 10 ? ` and ${nobodys.length - 10} more` : ''}. ` +
            'Where a bucket of this Tenant is encrypted with one of them, grant it first, or its objects cannot be read',
        ),
      ]
}

function identityFindings({ surroundings, certificate }: Observed, { settings }: HandMade): readonly Finding[] {
  const { identity, secret, context } = surroundings
  const { name } = context.namespace
  if (identity.is === 'hidden')
    return [problem('you may not read KesIdentities: whether the identity is Ready is not known. Ask who may')]
  if (identity.is !== 'found')
    return [
      problem(
        `there is no KesIdentity ${clientSecretName} in ${name}. Make it from the pair that is in use, so that the identity stays ` +
          `(workloadSecretNames of the chart must list ${certificate.secret}): ${manifest(observedServer(context.keyServer), name, settings.keyName, certificate.secret)}`,
      ),
    ]
  return [
    ...(isTrue(identity.value.status?.conditions, 'Ready')
      ? []
      : [problem(`the identity of ${name} is not Ready: kubectl kes explain namespace/${name}`)]),
    ...(secret.is === 'missing' ? [problem(`the Secret ${clientSecretName} is not in ${name} yet`)] : []),
    ...sameIdentity(identity.value, certificate),
  ]
}

const observedServer = (keyServer: Observed['surroundings']['context']['keyServer']): string =>
  keyServer === 'unknown' ? 'default' : keyServer.name

const manifest = (keyServer: string, namespace: string, keyName: string, secret: string): string =>
  JSON.stringify({
    apiVersion,
    kind: 'KesIdentity',
    metadata: { name: clientSecretName, namespace },
    spec: { keyServerRef: { name: keyServer }, keyName, importSecretRef: { name: secret } },
  })

/** MinIO shall be to KES who it was: its rights, its audit trail, and a way back as long as the former server is there. */
function sameIdentity(
  { spec, status }: KesIdentity,
  { secret, identity }: Observed['certificate'],
): readonly Finding[] {
  const importedFromIt = spec.importSecretRef?.name === secret
  if (identity.is === 'found' && identity.value !== undefined)
    return identity.value === status?.identity
      ? []
      : [
          problem(
            `the KesIdentity ${clientSecretName} is ${status?.identity ?? 'nobody yet'}, and MinIO is ${identity.value} (Secret ${secret}). ` +
              `Delete that KesIdentity, and make it again with spec.importSecretRef: { name: ${secret} }`,
          ),
        ]
  if (importedFromIt) return []
  const why = identity.is === 'hidden' ? 'you may not read it' : 'there is no certificate that can be read'
  return [warning(`Secret ${secret}: ${why}, so whether MinIO keeps its identity is not known`)]
}
