import type { KeyServer } from '../../api/keyServer.ts'
import { readKeystore, type Keystore } from '../../kes/keystore.ts'
import type { Client } from '../../kube/client.ts'
import { secrets, type Secret } from '../../kube/resources.ts'
import { secretText } from '../found.ts'
import { keystoreOf } from '../server/keystoreSource.ts'
import { paths } from '../server/paths.ts'
import { folder } from './configuration.ts'

/** The key store section that the KES inside MinIO pods is to have, with nothing left to look up. */
export type KeystoreFacts =
  | {
      readonly is: 'usable'
      readonly kind: Keystore['kind']
      readonly keystore: object
      /** What it names beside the configuration: certificates to trust, say. By the entry of our Secret. */
      readonly files: Readonly<Record<string, string>>
    }
  | { readonly is: 'missing'; readonly why: string }
  | { readonly is: 'invalid'; readonly why: string }

/** Reads what `keystoreSecretRef` and `environmentSecretRef` name. No value of either is in a sentence. */
export async function observeKeystore(
  client: Client,
  keyServer: KeyServer,
  releaseNamespace: string,
): Promise<KeystoreFacts> {
  const { server } = keyServer.spec
  const named = (name: string) => client.get(secrets, { namespace: releaseNamespace, name })
  const [secret, environment] = await Promise.all([
    server && named(server.keystoreSecretRef.name),
    server?.environmentSecretRef && named(server.environmentSecretRef.name),
  ])
  return sidecarKeystore(keyServer, secret, environment)
}

/**
 * The section as a KES in pods of its own would have it, with two things put in their places: the value of each `${NAME}`, because a pod
 * cannot refer to a Secret of another namespace, and the paths of files, which lie beside the configuration here too. Pure.
 */
export function sidecarKeystore(
  keyServer: KeyServer,
  secret: Secret | undefined,
  environment: Secret | undefined,
): KeystoreFacts {
  const { source, used } = keystoreOf(keyServer, secret, environment)
  if (source.is !== 'good' || !used)
    return { is: source.is === 'wrong' ? 'invalid' : 'missing', why: 'why' in source ? source.why : 'not read' }
  const { name = '', key = '' } = keyServer.spec.server?.keystoreSecretRef ?? {}
  const read = readKeystore((secret && secretText(secret, key)) ?? '')
  const lost = 'files' in read ? read.files.find(({ path }) => !path.startsWith(beside)) : undefined
  if (lost)
    return {
      is: 'invalid',
      why: `${key}, line ${lost.line}: it names a file outside ${paths.configuration}, and MinIO pods have only what is an entry of the Secret ${name}`,
    }
  const value = (text: string): string => {
    const [, variable] = reference.exec(text.trim()) ?? []
    if (variable !== undefined) return (environment && secretText(environment, variable)) ?? text
    return text.startsWith(beside) ? `${folder}/${entryOf(text.slice(beside.length))}` : text
  }
  return {
    is: 'usable',
    kind: source.kind,
    keystore: changed(used.keystore, value) as object,
    files: Object.fromEntries(Object.entries(used.files).map(([entry, text]) => [entryOf(entry), text])),
  }
}

const beside = `${paths.configuration}/`

/** Not what a person called it: that may be the name of one of our own entries. */
const entryOf = (name: string): string => `keystore.${name}`

const reference = /^\$\{\s*([^}]*?)\s*\}$/

function changed(part: unknown, value: (text: string) => string): unknown {
  if (typeof part === 'string') return value(part)
  if (Array.isArray(part)) return part.map((each: unknown) => changed(each, value))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([name, held]) => [name, changed(held, value)]))
}
