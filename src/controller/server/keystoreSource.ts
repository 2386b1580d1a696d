import type { KeyServer } from '../../api/keyServer.ts'
import { readKeystore, type Keystore } from '../../kes/keystore.ts'
import type { Secret } from '../../kube/resources.ts'
import { secretText } from '../found.ts'
import type { KeystoreSource } from './observed.ts'
import { paths } from './paths.ts'

/** The section that is to be used, and what lies beside it in the same Secret: certificates that it names, say. */
export interface UsedKeystore {
  readonly keystore: object
  readonly files: Readonly<Record<string, string>>
}

export interface Read {
  readonly source: KeystoreSource
  readonly used: UsedKeystore | undefined
}

const refused = (is: 'missing' | 'wrong', why: string): Read => ({ source: { is, why }, used: undefined })

/** The user's Secret, looked at as strictly as KES will: what it would refuse or ignore is said with the line at fault. */
export function keystoreOf(
  { spec: { server } }: KeyServer,
  secret: Secret | undefined,
  environment: Secret | undefined,
): Read {
  if (!server) return refused('missing', 'spec.server is missing')
  const { name, key } = server.keystoreSecretRef
  const text = secret && secretText(secret, key)
  if (!secret) return refused('missing', `there is no Secret ${name} (spec.server.keystoreSecretRef)`)
  if (text === undefined) return refused('missing', `the Secret ${name} has no entry ${key}`)
  const read = readKeystore(text)
  if ('problem' in read)
    return refused('wrong', `${key}${read.line === undefined ? '' : `, line ${read.line}`}: ${read.problem}`)
  const files = Object.fromEntries(
    Object.keys(secret.data ?? {})
      .filter((entry) => entry !== key)
      .map((entry) => [entry, secretText(secret, entry) ?? '']),
  )
  const problem =
    variableProblem(server.environmentSecretRef?.name, read, environment) ??
    fileProblem(read, files) ??
    volumeProblem(read, server.storage !== undefined)
  if (problem)
    return refused('wrong', `${key}${problem.line === undefined ? '' : `, line ${problem.line}`}: ${problem.why}`)
  return { source: { is: 'good', kind: read.kind }, used: { keystore: read.keystore, files } }
}

interface Problem {
  readonly why: string
  readonly line?: number
}

/** KES neither starts nor reloads where a variable is not set. */
function variableProblem(
  name: string | undefined,
  { variables }: Keystore,
  secret: Secret | undefined,
): Problem | undefined {
  const [first] = variables
  if (name === undefined)
    return (
      first && {
        why: 'it refers to an environment variable, and spec.server.environmentSecretRef names no Secret for them',
        line: first.line,
      }
    )
  if (!secret) return { why: `there is no Secret ${name} (spec.server.environmentSecretRef)` }
  const unset = variables.find((variable) => secret.data?.[variable.name] === undefined)
  return (
    unset && { why: `the Secret ${name} has no entry for the environment variable that it refers to`, line: unset.line }
  )
}

function fileProblem({ files: named }: Keystore, files: Readonly<Record<string, string>>): Problem | undefined {
  const folder = `${paths.configuration}/`
  const lost = named.find(({ path }) => path.startsWith(folder) && files[path.slice(folder.length)] === undefined)
  return lost && { why: `it names a file in ${paths.configuration} that is no entry of its Secret`, line: lost.line }
}

/** Without a volume the keys would go with the pod. */
function volumeProblem({ kind, keystore }: Keystore, hasVolume: boolean): Problem | undefined {
  if (kind !== 'fs') return undefined
  if (!hasVolume)
    return { why: 'keystore.fs needs spec.server.storage: without a volume the keys would go with the pod' }
  const { fs } = keystore as { readonly fs: { readonly path: string } }
  const inside = fs.path.startsWith(`${paths.volume}/`) && !fs.path.includes('..')
  return inside ? undefined : { why: `fs.path must lie in ${paths.volume}, where the volume is: ${paths.volume}/keys` }
}
