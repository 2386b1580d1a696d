import { defaultKeyName, isOwnKey, realmOf, type KeyRealm } from '../api/keyName.ts'
import { annotations, defaultKeyServer } from '../api/names.ts'
import { selects } from '../api/selector.ts'
import { annotationOf } from '../minio/shape.ts'
import type { Context, KeyServerFacts, NamespaceFacts } from './context.ts'
import { deny, type Deny } from './decision.ts'

/** Which key of which server an object is connected to. */
export interface KeyChoice {
  readonly keyServer: string
  readonly keyName: string
}

const annotationOfNamespace = ({ annotations: all }: NamespaceFacts, name: string): string | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined

/**
 * The KeyServer of a namespace: the one that its identity belongs to, else the one that it asks for. It is chosen once: whoever changes
 * the annotation later must not send a MinIO to a server that knows neither its identity nor its keys.
 */
export const keyServerOf = (namespace: NamespaceFacts): string =>
  namespace.boundTo ?? annotationOfNamespace(namespace, annotations.keyServer) ?? defaultKeyServer

/** Whether a KeyServer can have that name: what users write into an annotation is otherwise not worth a look-up. */
export const isKeyServerName = (name: string): boolean => /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)

/** Shows a text of a user's in a message: one line, no control characters, not endless. */
export const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)

export const keyNameDenied = (name: string, where: string, { keyPrefix }: KeyRealm): Deny =>
  deny(
    'KeyNameInvalid',
    `${where} is ${quoted(name)}: a key of this namespace is called ${keyPrefix}… ` +
      '(letters, digits, - and _; 80 characters at most), or spec.grants of the KeyServer gives it to the namespace. ' +
      'Choose such a name, or leave it out.',
  )

/** The key server of the namespace, or why it may have none. */
export function admittedKeyServer({ namespace, keyServer }: Context): KeyServerFacts | Deny {
  if (keyServer === 'unknown') {
    const wanted = keyServerOf(namespace)
    return deny(
      'KeyServerUnknown',
      `namespace ${namespace.name} uses the KeyServer ${quoted(wanted)}, which does not exist. Create it, or name ` +
        `another one in the namespace's annotation ${annotations.keyServer}.`,
    )
  }
  if (!selects(keyServer.spec.namespaces.selector, namespace.labels)) {
    return deny(
      'KeyServerNotAllowed',
      `the KeyServer ${keyServer.name} does not admit namespace ${namespace.name}: its spec.namespaces.selector does ` +
        "not match the namespace's labels. Ask who owns the KeyServer, or choose another one.",
    )
  }
  return keyServer
}

/** What the object or its namespace asks for; the object's own word counts first. */
export function chooseKey(object: unknown, context: Context): KeyChoice | Deny {
  const keyServer = admittedKeyServer(context)
  if ('outcome' in keyServer) return keyServer
  const { namespace } = context
  const realm = realmOf(keyServer.spec, namespace.name)
  const ofObject = annotationOf(object, annotations.keyName)
  const keyName = ofObject ?? annotationOfNamespace(namespace, annotations.keyName) ?? defaultKeyName(realm.keyPrefix)
  if (isOwnKey(keyName, realm)) return { keyServer: keyServer.name, keyName }
  const where = `the annotation ${annotations.keyName} of ${ofObject === undefined ? 'the namespace' : 'the object'}`
  return keyNameDenied(keyName, where, realm)
}
