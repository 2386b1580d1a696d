import { durationMs } from '../../api/duration.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { Client } from '../../kube/client.ts'
import { secrets } from '../../kube/resources.ts'
import { createAuthority, type LeafRequest } from '../../pki/authority.ts'
import type { PairPem } from '../../pki/pair.ts'
import { privateKeyPem } from '../../pki/privateKey.ts'
import type { Found, StoredPair } from '../found.ts'
import { issueLeaf, selfSignedLeaf } from '../leaf.ts'
import { createSecret, replaceSecret, type SecretContent } from '../secretWriter.ts'
import { storedAuthority } from '../storedAuthority.ts'
import { keyServerLabels, materialName, type Material } from './material.ts'

interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly releaseNamespace: string
}

/** Makes the authority of a key server, and leaves under it, each in its Secret. */
export function pairMaker({ client, now, releaseNamespace }: Edges) {
  const refOf = (keyServer: string, material: Material) => ({
    namespace: releaseNamespace,
    name: materialName(keyServer, material),
  })

  const content = (keyServer: string, material: Material, pair: PairPem): SecretContent => ({
    ...refOf(keyServer, material),
    labels: keyServerLabels(keyServer),
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem },
  })

  return {
    /** Must not exist yet, and never changes. */
    async authority({ metadata: { name }, spec }: KeyServer): Promise<void> {
      const { certificatePem, key } = createAuthority({
        commonName: `kes-injector ${name} authority`.slice(0, 64),
        lifetimeMs: durationMs(spec.certificates.authority),
        now: now(),
      })
      const pair = { certificatePem, keyPem: privateKeyPem(key) }
      await createSecret(client, { ...content(name, 'authority-1', pair), immutable: true })
    },

    /** What clients trust, of an authority whose key is elsewhere. Must not exist yet, and never changes. */
    async recordAuthority({ metadata: { name } }: KeyServer, certificatePem: string): Promise<void> {
      const { namespace, name: secretName } = refOf(name, 'authority-1')
      const labels = keyServerLabels(name)
      const data = { 'tls.crt': certificatePem }
      await createSecret(client, { namespace, name: secretName, labels, data, immutable: true })
    },

    /**
     * A new certificate for the key that is stored; a new key where there is none that can be read. Where an issuer elsewhere is to
     * sign, the certificate is the key's own: nobody trusts it until the issuer has vouched for it.
     */
    async leaf(
      { metadata: { name }, spec }: KeyServer,
      material: 'admin' | 'server',
      stored: Found<StoredPair>,
      request: Omit<LeafRequest, 'key' | 'now'>,
    ): Promise<void> {
      const wanted = { ...request, now: now() }
      const pair = spec.certificates.issuerRef
        ? selfSignedLeaf(stored, wanted)
        : issueLeaf(await storedAuthority(client, refOf(name, 'authority-1')), stored, wanted)
      await replace(name, material, pair)
    },

    /** What an issuer elsewhere signed, for the key that is there. */
    async takeServerCertificate(
      { metadata: { name } }: KeyServer,
      stored: Found<StoredPair>,
      certificatePem: string,
    ): Promise<void> {
      if (stored.is === 'found') await replace(name, 'server', { certificatePem, keyPem: stored.value.pem.keyPem })
    },
  }

  async function replace(name: string, material: 'admin' | 'server', pair: PairPem): Promise<void> {
    const next = content(name, material, pair)
    const current = await client.get(secrets, refOf(name, material))
    if (current) await replaceSecret(client, current, next)
    else await createSecret(client, next)
  }
}
