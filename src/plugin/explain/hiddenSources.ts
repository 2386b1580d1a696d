import { containerName } from '../../injection/podFacts.ts'
import { configurationFileVariable, kmsFamily } from '../../minio/environment.ts'
import { canonicalPath, findContainer } from '../../minio/pod.ts'
import { isAbsent, isObject, listOf, member, memberAt, textAt, textOf } from '../../minio/shape.ts'

/** A Secret or ConfigMap from which MinIO gets variables that no object shows. */
export interface HiddenSource {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  /** The pod starts without it. */
  readonly optional: boolean
  readonly how:
    /** One key of it is MinIO's configuration file: it beats the environment of the container, and the Tenant's. */
    | { readonly is: 'file'; readonly key: string; readonly of: 'Tenant' | 'container' }
    /** Each of its keys is a variable, unless the container's own `env` names it. */
    | { readonly is: 'envFrom'; readonly prefix: string }
    /** One of its keys is the value of this variable. */
    | { readonly is: 'value'; readonly key: string; readonly variable: string }
}

/** Where MinIO's hidden variables stand, and what of that lies where nobody can look. */
export interface HiddenSources {
  readonly sources: readonly HiddenSource[]
  readonly outOfSight: readonly string[]
}

/** The operator reads this key of `spec.configuration` (operator, all versions). */
const tenantFile = 'config.env'

/** Of a Tenant: its configuration Secret, whose variables beat those of `spec.env` (operator tenant_configuration.go). */
export function hiddenOfTenant(tenant: unknown): HiddenSources {
  const name = textAt(tenant, 'spec', 'configuration', 'name')
  return {
    sources: name
      ? [{ kind: 'Secret', name, optional: false, how: { is: 'file', key: tenantFile, of: 'Tenant' } }]
      : [],
    outOfSight: [],
  }
}

/** Of a pod: what MinIO's container takes its environment and its configuration file from. */
export function hiddenOfPod(pod: unknown): HiddenSources {
  const container = findContainer(pod, containerName(pod))?.container
  const env = listOf(member(container, 'env')) ?? []
  const fromAll = listOf(member(container, 'envFrom')) ?? []
  const file = fileOf(pod, container, env)
  return {
    sources: [...(file && 'kind' in file ? [file] : []), ...fromAll.flatMap(envFromOf), ...env.flatMap(valueOf)],
    outOfSight: file && 'why' in file ? [file.why] : [],
  }
}

function envFromOf(entry: unknown): readonly HiddenSource[] {
  const how = { is: 'envFrom', prefix: textOf(entry, 'prefix') ?? '' } as const
  return references(entry, 'secretRef', 'configMapRef').map((each) => ({ ...each, how }))
}

function valueOf(entry: unknown): readonly HiddenSource[] {
  const variable = textOf(entry, 'name')
  if (variable === undefined || kmsFamily(variable) === undefined) return []
  return references(member(entry, 'valueFrom'), 'secretKeyRef', 'configMapKeyRef').flatMap((each) =>
    each.key === undefined ? [] : [{ ...each, how: { is: 'value', key: each.key, variable } as const }],
  )
}

/** What an entry takes from a Secret or a ConfigMap, by the names that its fields have there. */
function references(entry: unknown, ofSecret: string, ofMap: string) {
  const fields = [
    ['Secret', member(entry, ofSecret)],
    ['ConfigMap', member(entry, ofMap)],
  ] as const
  return fields.flatMap(([kind, reference]) => {
    const name = textOf(reference, 'name')
    const optional = member(reference, 'optional') === true
    return name ? [{ kind, name, optional, key: textOf(reference, 'key') }] : []
  })
}

/** The file that `MINIO_CONFIG_ENV_FILE` names, followed through the container's mounts to the volume that it lies in. */
function fileOf(
  pod: unknown,
  container: unknown,
  env: readonly unknown[],
): HiddenSource | { readonly why: string } | undefined {
  const entry = env.findLast((each) => textOf(each, 'name') === configurationFileVariable)
  if (entry === undefined) return undefined
  const path = textOf(entry, 'value')
  if (path === undefined)
    return { why: `${configurationFileVariable} has no literal value: which file it names cannot be seen` }
  const place = canonicalPath(path)
  const mount = (listOf(member(container, 'volumeMounts')) ?? [])
    .map((each) => ({ at: canonicalPath(textOf(each, 'mountPath') ?? ''), mount: each }))
    .filter(({ at }) => place === at || place.startsWith(at === '/' ? '/' : `${at}/`))
    .toSorted((one, other) => other.at.length - one.at.length)[0]
  if (!mount) return { why: `${configurationFileVariable} names ${path}, which no volume of the pod holds` }
  const inVolume = [textOf(mount.mount, 'subPath') ?? '', place.slice(mount.at.length)]
    .map((part) => part.replaceAll(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/')
  const volumes = listOf(memberAt(pod, 'spec', 'volumes')) ?? []
  const volume = volumes.find((each) => textOf(each, 'name') === textOf(mount.mount, 'name'))
  return (
    sourceIn(volume, inVolume) ?? {
      why: `${configurationFileVariable} names ${path}, which lies in the volume ${textOf(volume, 'name') ?? '?'}: neither a Secret nor a ConfigMap`,
    }
  )
}

function sourceIn(volume: unknown, path: string): HiddenSource | undefined {
  const secret = member(volume, 'secret')
  if (isObject(secret)) return fileSource('Secret', textOf(secret, 'secretName'), secret, path)
  const map = member(volume, 'configMap')
  if (isObject(map)) return fileSource('ConfigMap', textOf(map, 'name'), map, path)
  for (const source of listOf(memberAt(volume, 'projected', 'sources')) ?? []) {
    for (const [kind, at] of [
      ['Secret', member(source, 'secret')],
      ['ConfigMap', member(source, 'configMap')],
    ] as const) {
      const found = isObject(at) ? fileSource(kind, textOf(at, 'name'), at, path) : undefined
      if (found) return found
    }
  }
  return undefined
}

/** The key that lies at this path: the one that an item puts there, else the one of that name. */
function fileSource(
  kind: HiddenSource['kind'],
  name: string | undefined,
  volume: unknown,
  path: string,
): HiddenSource | undefined {
  const items = member(volume, 'items')
  const key = isAbsent(items)
    ? path
    : textOf(
        (listOf(items) ?? []).find((each) => textOf(each, 'path') === path),
        'key',
      )
  const optional = member(volume, 'optional') === true
  return name && key ? { kind, name, optional, how: { is: 'file', key, of: 'container' } } : undefined
}
