import { annotations, labels } from '../../api/names.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { isApiError } from '../../kube/apiError.ts'
import type { Client } from '../../kube/client.ts'
import { secrets, type Secret } from '../../kube/resources.ts'
import type { PairPem } from '../../pki/pair.ts'
import { foundPair, secretText } from '../found.ts'
import { createSecret, replaceSecret, secretObject, type SecretContent } from '../secretWriter.ts'
import { identityLabel, keptSecretName } from './names.ts'
import type { HandedOut } from './observed.ts'

const fieldManager = 'kes-injector'

/** What the workload's Secret must hold: MinIO gets the authority's certificate, never a server's key. */
const clientData = ({ certificatePem, keyPem }: PairPem, trustPem: string) => ({
  'tls.crt': certificatePem,
  'tls.key': keyPem,
  'ca.crt': trustPem,
})

/** Two identities that name one Secret would write it in turns for ever: it stays with the first. */
function isOwn(identity: KesIdentity, { metadata }: Secret): boolean {
  const own = identityLabel(identity)
  const { [labels.managedBy]: manager, [labels.identity]: owner = own } = metadata.labels ?? {}
  return manager === 'kes-injector' && owner === own
}

/** How the workload's Secret compares with what it must hold; undefined where that is not known yet. */
export function handedOutOf(
  identity: KesIdentity,
  secret: Secret | 'forbidden' | undefined,
  pair: PairPem | undefined,
  trustPem: string | undefined,
): HandedOut {
  if (secret === 'forbidden') return { is: 'forbidden' }
  if (!secret) return { is: 'missing' }
  if (!isOwn(identity, secret)) return { is: 'foreign' }
  const wanted = pair && trustPem !== undefined ? clientData(pair, trustPem) : undefined
  const same = wanted !== undefined && Object.entries(wanted).every(([key, text]) => secretText(secret, key) === text)
  return same ? { is: 'current' } : { is: 'different', pair: foundPair(secret) }
}

/** The two Secrets of an identity: the kept pair in the release namespace, and its copy where the workload is. */
export function identitySecrets(client: Client, releaseNamespace: string) {
  const keptRef = (identity: KesIdentity) => ({ namespace: releaseNamespace, name: keptSecretName(identity) })

  const keptContent = (identity: KesIdentity, pair: PairPem): SecretContent => ({
    ...keptRef(identity),
    type: 'kubernetes.io/tls',
    labels: {
      [labels.component]: 'identity',
      [labels.keyServer]: identity.spec.keyServerRef.name,
      [labels.identity]: identityLabel(identity),
    },
    data: { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem },
  })

  async function ofWorkload(namespace: string, name: string): Promise<Secret | 'forbidden' | undefined> {
    try {
      return await client.get(secrets, { namespace, name })
    } catch (error) {
      if (isApiError(error, 'Forbidden')) return 'forbidden'
      throw error
    }
  }

  async function deleteAsRead({ metadata: { namespace, name, uid, resourceVersion } }: Secret): Promise<void> {
    await client.delete(
      secrets,
      { namespace, name },
      { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    )
  }

  return {
    kept: (identity: KesIdentity) => client.get(secrets, keptRef(identity)),

    /** A Secret of the workload's namespace; `forbidden` where RBAC does not name it. */
    ofWorkload,

    /** Keeps the first pair. Throws `AlreadyExists` where there is one. */
    keep: (identity: KesIdentity, pair: PairPem) => createSecret(client, keptContent(identity, pair)),

    async replaceKept(identity: KesIdentity, pair: PairPem): Promise<void> {
      const current = await client.get(secrets, keptRef(identity))
      if (current) await replaceSecret(client, current, keptContent(identity, pair))
    },

    async handOut(identity: KesIdentity, pair: PairPem, trustPem: string, before: HandedOut): Promise<void> {
      const content = secretObject({
        namespace: identity.metadata.namespace,
        name: identity.spec.secretName,
        type: 'kubernetes.io/tls',
        labels: { [labels.component]: 'identity', [labels.identity]: identityLabel(identity) },
        data: clientData(pair, trustPem),
      })
      // One write with all three keys: a pod that starts between two writes would hang at its mount (facts: operator, section 1).
      // Server-side apply, because its creation is checked against the Secret's name, so RBAC can name it; a plain create is not.
      // Where it is ours already, whatever somebody else wrote into it is taken over again; a new one must not meet anybody's.
      await client.apply(secrets, content, { fieldManager, force: before.is === 'different' })
    },

    /** Deletes the copy, if it is this identity's. */
    async takeAway(identity: KesIdentity): Promise<void> {
      const secret = await ofWorkload(identity.metadata.namespace, identity.spec.secretName)
      if (secret && secret !== 'forbidden' && isOwn(identity, secret)) await deleteAsRead(secret)
    },

    /**
     * Deletes the kept pair. The guard asks everybody to name what is deleted, us too; a name that is there already is not written
     * again, so that whoever dies between the two writes goes on with the second.
     */
    async forget(identity: KesIdentity): Promise<void> {
      const secret = await client.get(secrets, keptRef(identity))
      if (!secret) return
      const { name, annotations: said } = secret.metadata
      const confirmed = { ...said, [annotations.confirmDelete]: name }
      await deleteAsRead(
        said?.[annotations.confirmDelete] === name
          ? secret
          : await client.update(secrets, { ...secret, metadata: { ...secret.metadata, annotations: confirmed } }),
      )
    },
  }
}
