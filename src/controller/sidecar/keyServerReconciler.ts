import { durationMs } from '../../api/duration.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import type { Client } from '../../kube/client.ts'
import { keyServers, secrets } from '../../kube/resources.ts'
import { createAuthority } from '../../pki/authority.ts'
import { privateKeyPem } from '../../pki/privateKey.ts'
import { keyServerLabels, materialName } from '../keyServer/material.ts'
import type { Reconciler } from '../reconciler.ts'
import { createSecret } from '../secretWriter.ts'
import { foundAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import { planKeyServer, type Observed, type Step } from './keyServerPlan.ts'
import { observeKeystore } from './keystore.ts'
import { isSidecar } from './placement.ts'

export interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly tell: Tell
  readonly releaseNamespace: string
}

/** A KeyServer that runs inside MinIO pods: its authority, and whether its key store section can be used. */
export function sidecarKeyServerReconciler({
  client,
  now,
  tell,
  releaseNamespace,
}: Edges): Reconciler<Observed, Step, KeyServerStatus> {
  return {
    name: 'keyServer',
    plan: planKeyServer,
    async observe(name) {
      const keyServer = await client.get(keyServers, { name })
      if (!keyServer || !isSidecar(keyServer)) return undefined
      const [authority, keystore] = await Promise.all([
        client.get(secrets, { namespace: releaseNamespace, name: materialName(name, 'authority-1') }),
        observeKeystore(client, keyServer, releaseNamespace),
      ])
      return { keyServer, status: keyServer.status ?? {}, authority: foundAuthority(authority), keystore }
    },
    async writeStatus({ keyServer }, status) {
      await client.updateStatus<KeyServer>(keyServers, { ...keyServer, status })
    },
    async act(_step, { keyServer: { metadata, spec }, keyServer }) {
      const { certificatePem, key } = createAuthority({
        commonName: `kes-injector ${metadata.name} authority`.slice(0, 64),
        lifetimeMs: durationMs(spec.certificates.authority),
        now: now(),
      })
      await createSecret(client, {
        namespace: releaseNamespace,
        name: materialName(metadata.name, 'authority-1'),
        type: 'kubernetes.io/tls',
        labels: keyServerLabels(metadata.name),
        data: { 'tls.crt': certificatePem, 'tls.key': privateKeyPem(key) },
        immutable: true,
      })
      tell(keyServer, 'Normal', 'AuthorityCreated', 'made the authority of this key server')
    },
  }
}
