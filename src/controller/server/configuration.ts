import { createHmac } from 'node:crypto'
import type { KeyServer } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { serverConfig, type ServerConfig } from '../../kes/serverConfig.ts'
import type { StoredPair } from '../found.ts'
import type { UsedKeystore } from './keystoreSource.ts'
import type { Configuration } from './observed.ts'
import { paths } from './paths.ts'
import type { Policies } from './policies.ts'

/** Name of the policy that tells which configuration a replica has loaded: nobody has it, and KES tells of it like of any other. */
export const markerOf = (hash: string): string => `kes-injector-config-${hash}`

export interface WholeConfiguration extends Configuration {
  /** What the Secret is to hold: the configuration, and the files that the key store section may name. */
  readonly entries: Readonly<Record<string, string>>
}

/**
 * The configuration of a KES of this KeyServer. Its hash is keyed with the administrator's private key: it is public, and nobody shall
 * guess a password with its help.
 */
export function configurationOf(
  { spec: { server } }: KeyServer,
  admin: StoredPair,
  { keystore, files }: UsedKeystore,
  { policies }: Policies,
): WholeConfiguration {
  const hash = (text: string) => createHmac('sha256', admin.pem.keyPem).update(text).digest('hex').slice(0, 12)
  const wish: ServerConfig = {
    admin: identityOf(admin.pem.certificatePem),
    tls: { certificatePath: `${paths.tls}/tls.crt`, keyPath: `${paths.tls}/tls.key` },
    cache: server?.cache ?? { any: '5m', unused: '30s', offline: '1h' },
    policies,
    keystore,
  }
  const beside = Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1))
  const whole = hash(JSON.stringify([serverConfig(wish), beside]))
  const marker = { name: markerOf(whole), allow: [], deny: [], identities: [] }
  const text = serverConfig({ ...wish, policies: [...policies, marker] })
  return {
    hash: whole,
    keystoreHash: hash(JSON.stringify([keystore, beside])),
    entries: { ...files, 'server-config.yaml': text },
  }
}
