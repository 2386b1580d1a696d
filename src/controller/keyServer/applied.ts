import { createHash } from 'node:crypto'
import type { KubeObject } from '../../kube/object.ts'

/** On what we apply: the hash of what we applied, to see in one read whether it is current. */
export const hashAnnotation = 'kes-injector.io/applied'

/** The object with the hash of itself on it. */
export function withHash<T extends KubeObject>(object: T): T {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 32)
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [hashAnnotation]: hash } },
  }
}

/** How what the cluster has compares with what it should have. */
export type Applied = 'missing' | 'differs' | 'current'

export function appliedState(wanted: KubeObject, live: KubeObject | undefined): Applied {
  if (!live) return 'missing'
  const [want, have] = [wanted, live].map(({ metadata }) => metadata.annotations?.[hashAnnotation])
  return want === have ? 'current' : 'differs'
}
