import { annotations } from '../api/names.ts'
import type { KubeObject } from '../kube/object.ts'

/** Annotations that say something of the former cluster, or would let a restored object be deleted without a question. */
const left: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  annotations.confirmDelete,
  annotations.restoredFrom,
  annotations.volumeFilled,
]

/** An object as it can be made again elsewhere: of its metadata the names, labels and annotations that matter, and its uid to tell it by. */
export function portable<T extends KubeObject>(object: T): T {
  const { name, namespace, uid, labels, annotations: said = {} } = object.metadata
  const kept = Object.entries(said).filter(([key]) => !left.includes(key))
  return {
    ...object,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(labels === undefined ? {} : { labels }),
      annotations: Object.fromEntries(kept),
    },
  }
}
