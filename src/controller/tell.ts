import type { KubeObject } from '../kube/object.ts'

/** Tells people about an object through an Event. Never throws; the same words again only raise a count. */
export type Tell = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, note: string) => void
