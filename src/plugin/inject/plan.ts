import type { Finding } from '../told.ts'

/** The one write that a plan leads to, and what it was made for. */
export type Action =
  /** On a namespace; null takes the label away. */
  | {
      readonly do: 'label'
      readonly namespace: string
      readonly resourceVersion: string | undefined
      readonly value: string | null
    }
  | {
      readonly do: 'annotate'
      readonly namespace: string
      readonly tenant: string
      readonly resourceVersion: string | undefined
      readonly value: string
      /** The Secret that must stand in the pod templates before all pods are deleted together; undefined: no pod is deleted. */
      readonly restartFor: string | undefined
    }

/** What would be done, shown before it is. Without an action there is nothing to do, or something is in the way. */
export interface Plan {
  readonly lines: readonly string[]
  readonly findings: readonly Finding[]
  readonly action: Action | undefined
}
