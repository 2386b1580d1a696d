import { Agent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { KesError } from './kesError.ts'

/** Who calls which server, and how long a call may take in all. */
export interface ConnectionOptions {
  /** `https://HOST:PORT`: the host is what the server's certificate must name. */
  readonly endpoint: string
  /** Authorities that the server's certificate is verified against, PEM. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly timeoutMs: number
  /** Dial this IP address instead of asking DNS for the host (one pod among several). */
  readonly lookupAddress?: string
  /** Keep connections open between calls. Off, each call proves the identity and sees the served certificate anew. */
  readonly keepAlive?: boolean
}

/** How requests of these options reach the server. */
interface Dialled {
  readonly origin: string
  readonly agent: Agent
  /** For the options of each request. */
  readonly lookup: { readonly lookup?: LookupFunction }
}

/**
 * Prepares connections over HTTP/1.1 and mutual TLS; opens none. Throws `ConfigInvalid` for a bad endpoint or address.
 *
 * TLS sessions are never resumed: KES takes the identity of a resumed session from the ticket, so a call over one
 * proves nothing about the key in hand.
 */
export function dial(options: ConnectionOptions): Dialled {
  const { origin, hostname } = endpointOf(options.endpoint)
  const { lookupAddress } = options
  return {
    origin,
    agent: new Agent({
      ca: options.ca,
      cert: options.cert,
      key: options.key,
      minVersion: 'TLSv1.2',
      keepAlive: options.keepAlive ?? false,
      maxCachedSessions: 0,
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    }),
    lookup: lookupAddress === undefined ? {} : { lookup: always(lookupAddress) },
  }
}

function endpointOf(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.username === '') return url
  throw new KesError(
    'ConfigInvalid',
    `the endpoint must be https://HOST:PORT, not ${JSON.stringify(endpoint.slice(0, 90))}`,
  )
}

function always(address: string): LookupFunction {
  const family = isIP(address)
  if (family === 0) throw new KesError('ConfigInvalid', `${JSON.stringify(address.slice(0, 90))} is not an IP address`)
  return (_hostname, options, answer) => {
    if (options.all === true) answer(null, [{ address, family }])
    else answer(null, address, family)
  }
}
