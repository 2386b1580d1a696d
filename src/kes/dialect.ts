import { openConnection } from './connection.ts'
import type { ConnectionOptions } from './dial.ts'
import { KesError } from './kesError.ts'

/** Which API a KES speaks: one whose policies are written over REST, or one that reads them from its configuration. */
export type Dialect = 'stateful' | 'current'

/** On no KES without REST policies is there this route (facts: KES 0.10; the version string tells nothing). */
const telltale = '/v1/policy/assign/'

/** Asks an administrator's `GET /v1/api`. Throws KesError; `NotAllowed` where the pair is no administrator's. */
export async function dialectOf(options: ConnectionOptions): Promise<Dialect> {
  const { call, close } = openConnection(options)
  try {
    return dialectIn(await call('GET', '/v1/api'))
  } finally {
    close()
  }
}

/** Reads the list of routes. Throws `BadResponse` where it is none. */
export function dialectIn(body: Buffer): Dialect {
  const paths = routesIn(body.toString('utf8'))
  if (paths.length === 0) throw new KesError('BadResponse', 'KES did not answer with a list of its routes')
  return paths.includes(telltale) ? 'stateful' : 'current'
}

function routesIn(text: string): readonly string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(parsed)) return []
  return parsed.flatMap((route: unknown) =>
    typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string'
      ? [route.path]
      : [],
  )
}
