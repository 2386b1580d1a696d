import type { Client } from '../kube/client.ts'
import type { KubeObject, Resource } from '../kube/object.ts'
import type { PlainReads } from '../kube/plainReads.ts'
import { see, type Seen } from './seen.ts'

/** The API server as one person reaches it. */
export interface Cluster {
  readonly client: Client
  readonly plain: PlainReads
  /** Where namespaced things are looked for: `-n`, else the namespace of the kubeconfig's context. */
  readonly namespace: string
}

const pageSize = 500
const mostPages = 200

/** All objects of a kind, page by page. */
export const seeAll = <T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  selection: { readonly namespace?: string; readonly labelSelector?: string } = {},
): Promise<Seen<readonly T[]>> => see(listAll(client, resource, selection))

async function listAll<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  selection: { readonly namespace?: string; readonly labelSelector?: string },
): Promise<readonly T[]> {
  const items: T[] = []
  let from: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const answer = await client.list(resource, {
      ...selection,
      limit: pageSize,
      ...(from === undefined ? {} : { continue: from }),
    })
    items.push(...answer.items)
    from = answer.continue
    if (from === undefined) return items
  }
  return items
}
