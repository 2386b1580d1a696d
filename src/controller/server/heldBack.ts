import type { Observed } from './observed.ts'

/**
 * A KES that reloads forgets the keys that it remembers. While its key store is away those are all that MinIO has, so whatever would
 * make it reload waits; but for another key store section, which may be the cure.
 */
export const heldBack = ({ replicas, wanted, written }: Observed): boolean =>
  wanted !== undefined &&
  written?.keystoreHash === wanted.keystoreHash &&
  replicas.some(({ server }) => server.is === 'answering' && !server.keystoreReachable)
