import type { KeyServer } from '../../api/keyServer.ts'

/** Whether KES runs inside MinIO pods: there are no pods and no Service of its own then, and nobody outside can call it. */
export const isSidecar = ({ spec }: KeyServer): boolean => spec.server?.placement === 'Sidecar'
