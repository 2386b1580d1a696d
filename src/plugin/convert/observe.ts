import type { KeyServer } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { keyServerOf, isKeyServerName } from '../../injection/keyChoice.ts'
import { keyServers, secrets } from '../../kube/resources.ts'
import { textAt } from '../../minio/shape.ts'
import { PkiError } from '../../pki/pkiError.ts'
import type { Cluster } from '../cluster.ts'
import { observeObject, type ObservedObject } from '../explain/observe.ts'
import { found, see, type Seen } from '../seen.ts'
import { observeSurroundings, type Surroundings } from '../surroundings.ts'
import { readHandMade } from './handMade.ts'

/** All that a conversion depends on. */
export interface Observed {
  readonly tenant: ObservedObject
  readonly surroundings: Surroundings
  readonly keyServer: Seen<KeyServer>
  readonly certificate: HandMadeCertificate
}

/** The certificate that MinIO shows to KES now. */
export interface HandMadeCertificate {
  readonly secret: string
  /** Its KES identity; undefined where the Secret holds no certificate that can be read. No byte of the Secret goes further. */
  readonly identity: Seen<string | undefined>
}

/** Throws PluginError `NotFound` and ApiError. */
export async function observeConversion(cluster: Cluster, name: string): Promise<Observed> {
  const [tenant, surroundings] = await Promise.all([
    observeObject(cluster, { kind: 'tenant', name }, cluster.namespace),
    observeSurroundings(cluster, cluster.namespace),
  ])
  const wanted = keyServerOf(surroundings.context.namespace)
  const [keyServer, certificate] = await Promise.all([
    isKeyServerName(wanted)
      ? see(cluster.client.get(keyServers, { name: wanted }))
      : Promise.resolve<Seen<KeyServer>>({ is: 'missing' }),
    certificateOf(cluster, tenant.stored),
  ])
  return { tenant, surroundings, keyServer, certificate }
}

/** Which entry of a Secret becomes the certificate, by the type of the reference (operator minio-statefulset.go). */
const certificateEntry = (type: string | undefined): string =>
  ['kubernetes.io/tls', 'cert-manager.io/v1', 'cert-manager.io/v1alpha2'].includes(type ?? '')
    ? 'tls.crt'
    : 'public.crt'

async function certificateOf({ client, namespace }: Cluster, tenant: unknown): Promise<HandMadeCertificate> {
  const handMade = readHandMade(tenant)
  const entry = 'why' in handMade ? undefined : handMade.references[handMade.client]
  const name = textAt(entry, 'name')
  if (name === undefined) return { secret: '', identity: { is: 'missing' } }
  const secret = await see(client.get(secrets, { namespace, name }))
  if (secret.is !== 'found') return { secret: name, identity: secret }
  const text = secret.value.data?.[certificateEntry(textAt(entry, 'type'))] ?? ''
  return { secret: name, identity: found(identityIn(Buffer.from(text, 'base64').toString('utf8'))) }
}

function identityIn(pem: string): string | undefined {
  try {
    return identityOf(pem)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}
