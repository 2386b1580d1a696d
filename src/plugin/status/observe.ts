import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { enabled, labels } from '../../api/names.ts'
import { kesIdentities, keyServers, namespaces, type Namespace } from '../../kube/resources.ts'
import { seeAll, type Cluster } from '../cluster.ts'
import type { Seen } from '../seen.ts'

/** What the cluster says of key servers, identities and the namespaces that opted in. */
export interface Observed {
  readonly keyServers: Seen<readonly KeyServer[]>
  readonly identities: Seen<readonly KesIdentity[]>
  readonly namespaces: Seen<readonly Namespace[]>
  /** The namespace that was asked about; undefined: all. */
  readonly namespace: string | undefined
}

export async function observeStatus({ client }: Pick<Cluster, 'client'>, namespace?: string): Promise<Observed> {
  const [servers, identities, optedIn] = await Promise.all([
    seeAll(client, keyServers),
    seeAll(client, kesIdentities, namespace === undefined ? {} : { namespace }),
    seeAll(client, namespaces, { labelSelector: `${labels.inject}=${enabled}` }),
  ])
  return { keyServers: servers, identities, namespaces: optedIn, namespace }
}
