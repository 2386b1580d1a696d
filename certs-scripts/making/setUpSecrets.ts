import { join } from 'node:path'
import { clientSecretName } from '../../src/api/names.ts'
import { keyServerLabels, materialName, type Material } from '../../src/controller/keyServer/material.ts'
import { dnsNamesOf } from '../../src/controller/keyServer/service.ts'
import { secretObject, type SecretContent } from '../../src/controller/secretWriter.ts'
import { initConfig } from '../../src/kes/initConfig.ts'
import type { PairPem } from '../../src/pki/pair.ts'
import { privateKeyPem } from '../../src/pki/privateKey.ts'
import type { SetUp } from './setUp.ts'
import { pairSecret } from './secretYaml.ts'

export interface SecretsWish {
  /** Name of the KeyServer: the Secrets are called as the controller calls them. */
  readonly keyServer: string
  readonly namespace: string
  readonly clientNamespace: string
  /** Where the Secret of the server is mounted. */
  readonly tlsFolder: string
}

/** The names of the Service that the controller, or the same manifests by hand, would give this key server. */
export const serviceNames = (keyServer: string, namespace: string): readonly string[] =>
  dnsNamesOf(keyServer, namespace, 'cluster.local')

/**
 * What the controller makes once and never again. Applied before a KeyServer of this name exists, the controller finds it, records it
 * and uses it; the rest (server certificate, init.yml, identities of namespaces) stays the controller's.
 */
export function controllerSecrets(
  setUp: SetUp,
  { keyServer, namespace }: Pick<SecretsWish, 'keyServer' | 'namespace'>,
): readonly object[] {
  const secret = secretOf(keyServer, namespace)
  const { authority, systemAdmin, enclaveAdmin, unsealKey } = setUp
  const authorityPair = { certificatePem: authority.certificatePem, keyPem: privateKeyPem(authority.key) }
  return [
    secret('authority-1', { ...pairData(authorityPair), immutable: true }),
    secret('unseal', { data: { key: unsealKey }, immutable: true }),
    secret('system-admin', { ...pairData(systemAdmin), immutable: true }),
    secret('enclave-admin', { ...pairData(enclaveAdmin), immutable: true }),
  ]
}

/** All Secrets of a set-up without the controller: KES in manifests of one's own. Those of the key server, then MinIO's. */
export function allSecrets(setUp: SetUp, wish: SecretsWish): readonly object[] {
  const secret = secretOf(wish.keyServer, wish.namespace)
  const { authority, server, client, systemAdmin, enclaveAdmin } = setUp
  const init = initConfig({
    tls: { keyPath: join(wish.tlsFolder, 'tls.key'), certificatePath: join(wish.tlsFolder, 'tls.crt') },
    systemAdmin: systemAdmin.identity,
    enclaveAdmin: enclaveAdmin.identity,
  })
  return [
    ...controllerSecrets(setUp, wish),
    ...(server ? [secret('server', pairData(server))] : []),
    secret('init', { data: { 'init.yml': init } }),
    // Without the labels of the controller: one that is installed later leaves it alone.
    pairSecret(
      { namespace: wish.clientNamespace, name: clientSecretName, layout: 'tls' },
      { ...client, authorityPem: authority.certificatePem },
    ),
  ]
}

const secretOf =
  (keyServer: string, namespace: string) =>
  (material: Material, content: Pick<SecretContent, 'type' | 'data' | 'immutable'>): object =>
    secretObject({ namespace, name: materialName(keyServer, material), labels: keyServerLabels(keyServer), ...content })

const pairData = ({ certificatePem, keyPem }: PairPem) =>
  ({ type: 'kubernetes.io/tls', data: { 'tls.crt': certificatePem, 'tls.key': keyPem } }) as const
