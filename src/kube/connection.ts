import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { ApiError } from './apiError.ts'

/** What one TLS connection and its requests need to be let in. */
export interface Credentials {
  /** Connection options: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized`. */
  readonly tls: Readonly<Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>>
  /** Sent with every request: `Authorization`, perhaps `Impersonate-User`. */
  readonly headers: Readonly<Record<string, string>>
}

/** One API server and how to be known to it. */
export interface Connection {
  readonly server: URL
  /** Where namespaced things live when nobody says: the context's namespace, in a pod the pod's own. */
  readonly namespace: string
  /** Reads files again each time, so that rotated tokens and certificates are used. */
  credentials(): Promise<Credentials>
}

export interface ConnectionSource {
  /** Path of a kubeconfig; without it `$KUBECONFIG`, `~/.kube/config` and the pod's service account, in that order. */
  readonly kubeconfig?: string
  /** Another context than the file's current one. */
  readonly context?: string
}

/** Finds the API server. `BadConfiguration` if there is none or it is not reached directly over HTTPS. */
export function loadConnection({ kubeconfig, context }: ConnectionSource = {}): Connection {
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
  return {
    server: new URL(cluster.server),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    credentials: () => readCredentials(config),
  }
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    const what = 'cannot read the credentials for the API server'
    throw new ApiError('BadConfiguration', what, { cause: quotingNothing(error) })
  }
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file often ends with a newline, which no header may hold.
    if (typeof value === 'string') headers.set(name, value.trim())
  }
  if (options.auth) headers.set('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`)
  const { ca, cert, key, servername, rejectUnauthorized } = options
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
    headers: Object.fromEntries(headers),
  }
}

/** Parsers quote what they stumble over, and in these files that may be a key or a token; only plain errors may be told. */
function quotingNothing(error: unknown): unknown {
  return error instanceof Error && error.name === 'Error' ? error : undefined
}
