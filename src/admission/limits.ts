/** What the port puts up with. */
export interface Limits {
  /** A review holds the object twice and the API server takes objects of some 3 MiB: about 7 MiB. */
  readonly bodyBytes: number
  /** Longer than the 90 s for which the API server keeps idle connections: whoever closes first loses requests. */
  readonly keepAliveMs: number
  /** From the first byte of a request to its last. */
  readonly requestMs: number
  /** From the first byte of a request to the end of its headers. Node takes none above `requestMs`. */
  readonly headersMs: number
  readonly handshakeMs: number
  /** Established connections; above it the one that is idle the longest makes room. */
  readonly connections: number
  /** All sockets, handshakes in progress included; above it new ones are dropped. */
  readonly sockets: number
}

export const defaultLimits: Limits = {
  bodyBytes: 8 * 1024 * 1024,
  keepAliveMs: 120_000,
  requestMs: 30_000,
  headersMs: 30_000,
  handshakeMs: 10_000,
  connections: 1_000,
  sockets: 4_000,
}

/** How often Node looks for requests that are too slow. */
export const slowCheckMs = 1_000
