import { KubeConfig, type Cluster } from '@kubernetes/client-node'
import { ApiError } from './apiError.ts'

export interface ConnectionSource {
  /** Path of a kubeconfig; without it `$KUBECONFIG`, `~/.kube/config` and the pod's service account, in that order. */
  readonly kubeconfig?: string
  /** Another context than the file's current one. */
  readonly context?: string
}

/** What one kubeconfig says, and the cluster of its context. */
export interface KubeConfigFound {
  readonly config: KubeConfig
  readonly cluster: Cluster
}

/** Finds the API server. `BadConfiguration` if there is none or it is not reached directly over HTTPS. */
export function loadKubeConfig({ kubeconfig, context }: ConnectionSource = {}): KubeConfigFound {
  const config = new KubeConfig()
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
  } catch (error) {
    const what = `cannot read the kubeconfig${kubeconfig === undefined ? '' : ` ${kubeconfig}`}`
    throw new ApiError('BadConfiguration', what, { cause: quotingNothing(error) })
  }
  if (context !== undefined) config.setCurrentContext(context)
  const cluster = config.getCurrentCluster()
  if (cluster === null) {
    throw new ApiError(
      'BadConfiguration',
      `the kubeconfig has no context named ${JSON.stringify(config.getCurrentContext())}`,
    )
  }
  if (!URL.canParse(cluster.server) || new URL(cluster.server).protocol !== 'https:') {
    // client-node falls back to http://localhost:8080 when it has found nothing at all.
    const hint = kubeconfig === undefined ? '; is there a kubeconfig, or are we in a pod?' : ''
    throw new ApiError('BadConfiguration', `the API server must be an https URL, not ${cluster.server}${hint}`)
  }
  if (cluster.proxyUrl) throw new ApiError('BadConfiguration', 'a kubeconfig with proxy-url is not supported')
  return { config, cluster }
}

/** Parsers quote what they stumble over, and in these files that may be a key or a token; only plain errors may be told. */
export function quotingNothing(error: unknown): unknown {
  return error instanceof Error && error.name === 'Error' ? error : undefined
}
