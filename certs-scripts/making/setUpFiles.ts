import { join } from 'node:path'
import { initConfig } from '../../src/kes/initConfig.ts'
import type { KesPolicy } from '../../src/kes/policy.ts'
import type { PairPem } from '../../src/pki/pair.ts'
import { privateKeyPem } from '../../src/pki/privateKey.ts'
import type { NewFile } from '../commandLine/files.ts'
import type { SetUp } from './setUp.ts'

export interface FolderWish {
  /** Where the files go. */
  readonly folder: string
  /** Where KES will find `server.crt` and `server.key`: absolute, `init.yml` names it. */
  readonly tlsFolder: string
  readonly address: string
  readonly policy: KesPolicy
  /** An authority that was handed over keeps its key where it is. */
  readonly withAuthorityKey: boolean
}

/** The files of a set-up by hand. Throws KesError `ConfigInvalid` for what KES would refuse. */
export function setUpFiles({ authority, server, ...made }: SetUp, wish: FolderWish): readonly NewFile[] {
  const secret = (name: string, text: string): NewFile => ({ path: join(wish.folder, name), text, holds: 'secret' })
  const open = (name: string, text: string): NewFile => ({ path: join(wish.folder, name), text, holds: 'public' })
  const pair = (name: string, { certificatePem, keyPem }: PairPem): readonly NewFile[] => [
    secret(`${name}.key`, keyPem),
    open(`${name}.crt`, certificatePem),
  ]
  const init = initConfig({
    tls: { keyPath: join(wish.tlsFolder, 'server.key'), certificatePath: join(wish.tlsFolder, 'server.crt') },
    systemAdmin: made.systemAdmin.identity,
    enclaveAdmin: made.enclaveAdmin.identity,
    address: wish.address,
  })
  return [
    ...(wish.withAuthorityKey ? [secret('ca.key', privateKeyPem(authority.key))] : []),
    open('ca.crt', authority.certificatePem),
    ...pair('system-admin', made.systemAdmin),
    ...pair('enclave-admin', made.enclaveAdmin),
    ...pair('minio', made.client),
    ...(server ? pair('server', server) : []),
    secret('unseal.key', `${made.unsealKey}\n`),
    open('init.yml', init),
    open('minio-policy.json', `${JSON.stringify(wish.policy, undefined, 2)}\n`),
  ]
}
