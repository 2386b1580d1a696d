import type { Cluster } from '../cluster.ts'
import { observeSurroundings } from '../surroundings.ts'
import type { Told } from '../told.ts'
import type { FileObject } from './fileObject.ts'
import { observeInhabitants, tellNamespace } from './namespace.ts'
import { observeKeyServer, observeObject } from './observe.ts'
import type { Subject } from './subject.ts'
import { decideObject, tellObject } from './tell.ts'

export interface Asked {
  readonly subject: Subject
  /** The object of a file; undefined: the one that is stored. */
  readonly given: FileObject | undefined
  /** As the person named it; undefined: the file's, else the context's. */
  readonly namespace: string | undefined
}

/** Explains what the webhook decides about an object, with the rights of whoever asks. Throws PluginError and ApiError. */
export async function explain(cluster: Cluster, { subject, given, namespace }: Asked, now: Date): Promise<Told> {
  const { kind, name } = subject
  if (kind === 'namespace') {
    const [surroundings, inhabitants] = await Promise.all([
      observeSurroundings(cluster, name),
      observeInhabitants(cluster, name),
    ])
    return tellNamespace(inhabitants, surroundings, now)
  }
  const where = namespace ?? given?.namespace ?? cluster.namespace
  const [surroundings, observed] = await Promise.all([
    observeSurroundings(cluster, where),
    observeObject(cluster, { kind, name }, where, given?.object),
  ])
  const decided = decideObject(observed, surroundings)
  const keyServer = decided.verdict.connection?.keyServer
  const seen = keyServer === undefined ? undefined : await observeKeyServer(cluster, keyServer)
  return tellObject(observed, surroundings, decided, seen, now)
}
