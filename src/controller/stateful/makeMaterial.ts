import { annotations } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { initConfig } from '../../kes/initConfig.ts'
import { newUnsealKey } from '../../kes/unsealKey.ts'
import type { Client } from '../../kube/client.ts'
import { secrets } from '../../kube/resources.ts'
import { issue, selfSign } from '../../pki/authority.ts'
import type { PairPem } from '../../pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../pki/privateKey.ts'
import type { Found, StoredPair } from '../found.ts'
import { keyServerLabels, materialName, type Material } from '../keyServer/material.ts'
import { pairMaker } from '../keyServer/pairMaker.ts'
import { createSecret, type SecretContent } from '../secretWriter.ts'
import { storedAuthority } from '../storedAuthority.ts'
import type { ExistingMaterial } from './existing.ts'
import type { Observed } from './observed.ts'
import { paths } from './workload.ts'

interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly releaseNamespace: string
  readonly existing: ExistingMaterial
}

/** What was observed to be there, and went away since. */
function given<T>(source: Found<T> | 'notGiven'): T {
  if (source === 'notGiven' || source.is !== 'found') throw new Error('a Secret of the server to take over went away')
  return source.value
}

/** What a stateful key server is made from. Each makes one Secret, that must not exist yet; all but the server's pair never change. */
export function materialMaker({ client, now, random, releaseNamespace, existing }: Edges) {
  const refOf = (keyServer: string, material: Material) => ({
    namespace: releaseNamespace,
    name: materialName(keyServer, material),
  })

  const content = (
    keyServer: string,
    material: Material,
    rest: Pick<SecretContent, 'type' | 'data' | 'immutable'>,
  ): SecretContent => ({ ...refOf(keyServer, material), labels: keyServerLabels(keyServer), ...rest })

  const authorityOf = (keyServer: string) => storedAuthority(client, refOf(keyServer, 'authority-1'))

  const keep = ({ metadata: { name } }: KeyServer, material: Material, pair: PairPem): Promise<void> => {
    const data = { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem }
    return createSecret(client, content(name, material, { type: 'kubernetes.io/tls', data, immutable: true }))
  }

  const pairs = pairMaker({ client, now, releaseNamespace })

  return {
    authority: (keyServer: KeyServer) => pairs.authority(keyServer),
    recordAuthority: (keyServer: KeyServer, certificatePem: string) => pairs.recordAuthority(keyServer, certificatePem),
    takeServerCertificate: (keyServer: KeyServer, stored: Found<StoredPair>, certificatePem: string) =>
      pairs.takeServerCertificate(keyServer, stored, certificatePem),

    async unsealKey({ metadata: { name } }: KeyServer): Promise<void> {
      await createSecret(client, content(name, 'unseal', { data: { key: newUnsealKey(random) }, immutable: true }))
    },

    /** A stateful KES looks at an administrator's public key only, and no route changes it: the certificate may live as long as the authority. */
    async admin(keyServer: KeyServer, admin: 'system' | 'enclave'): Promise<void> {
      const { metadata, spec } = keyServer
      const key = generatePrivateKey()
      const request = {
        commonName: `kes-injector ${admin} admin`,
        usages: ['client'],
        key,
        lifetimeMs: durationMs(spec.certificates.authority),
        now: now(),
      } as const
      const certificatePem = spec.certificates.issuerRef
        ? selfSign(request)
        : issue(await authorityOf(metadata.name), request)
      await keep(keyServer, `${admin}-admin`, { certificatePem, keyPem: privateKeyPem(key) })
    },

    /**
     * What a server that was made by hand was made with, as Secrets of ours: so they cannot be changed, their deletion is guarded, and
     * the originals may go. Nothing in them is changed.
     */
    async takeAuthority(keyServer: KeyServer): Promise<void> {
      await keep(keyServer, 'authority-1', given(await existing.pair(keyServer, 'authority')))
    },

    async takeAdmin(keyServer: KeyServer, admin: 'system' | 'enclave'): Promise<void> {
      await keep(keyServer, `${admin}-admin`, given(await existing.pair(keyServer, admin)))
    },

    async takeUnsealKey(keyServer: KeyServer): Promise<void> {
      const key = given(await existing.unsealKey(keyServer))
      await createSecret(client, content(keyServer.metadata.name, 'unseal', { data: { key }, immutable: true }))
    },

    serverCertificate: ({ keyServer, serverCertificate, dnsNames }: Observed): Promise<void> =>
      pairs.leaf(keyServer, 'server', serverCertificate, {
        commonName: 'kes-injector key server',
        usages: ['server'],
        dnsNames,
        lifetimeMs: durationMs(keyServer.spec.certificates.server),
      }),

    async initConfig({ keyServer, systemAdmin, enclaveAdmin }: Observed): Promise<void> {
      if (systemAdmin.is !== 'found' || enclaveAdmin.is !== 'found') throw new Error('an administrator went away')
      const yaml = initConfig({
        tls: { certificatePath: `${paths.tls}/tls.crt`, keyPath: `${paths.tls}/tls.key` },
        systemAdmin: systemAdmin.value.identity,
        enclaveAdmin: enclaveAdmin.value.identity,
      })
      await createSecret(client, content(keyServer.metadata.name, 'init', { data: { 'init.yml': yaml } }))
    },

    async removeInitConfig({ metadata: { name } }: KeyServer): Promise<void> {
      await client.delete(secrets, refOf(name, 'init'))
    },

    /** The unseal key's Secret is immutable in its data; what it says of itself may be added. */
    async markInitialized({ metadata: { name } }: KeyServer, at: string | undefined): Promise<void> {
      const secret = await client.get(secrets, refOf(name, 'unseal'))
      if (!secret || at === undefined) return
      const said = { ...secret.metadata.annotations, [annotations.initializedAt]: at }
      await client.update(secrets, { ...secret, metadata: { ...secret.metadata, annotations: said } })
    },
  }
}
