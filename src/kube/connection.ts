import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { ApiError } from './apiError.ts'
import { loadKubeConfig, quotingNothing, type ConnectionSource } from './kubeConfig.ts'

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

/** Finds the API server. `BadConfiguration` if there is none or it is not reached directly over HTTPS. */
export function loadConnection(source: ConnectionSource = {}): Connection {
  const { config, cluster } = loadKubeConfig(source)
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
