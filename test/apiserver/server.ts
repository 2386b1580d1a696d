import { afterAll, inject } from 'vitest'
import { openCluster, type ClusterAccess, type ClusterAddress } from '../fixtures/clusterAccess.ts'
import type { KeptProcess } from './keptRunning.ts'

/** What `globalSetup.ts` started. */
export interface ApiServerTier extends ClusterAddress {
  readonly server: string
  /** The chart as it is installed. */
  readonly chart: string
  readonly webhookPort: number
  readonly webhook: KeptProcess
  readonly controller: KeptProcess
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly apiServer: ApiServerTier
  }
}

/** The tier's API server, for one file of tests. */
export function useApiServer(): ClusterAccess & { readonly tier: ApiServerTier } {
  const tier = inject('apiServer')
  const access = openCluster(tier)
  afterAll(() => access.client.close())
  return { ...access, tier }
}
