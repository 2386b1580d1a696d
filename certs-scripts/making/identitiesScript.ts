import { isAbsolute, resolve } from 'node:path'
import { unsealVariable } from '../../src/kes/initConfig.ts'
import { minioPolicy } from '../../src/kes/policy.ts'
import { writeFiles } from '../commandLine/files.ts'
import { lifetimeMs } from '../commandLine/lifetime.ts'
import { required, type ValuesOf } from '../commandLine/options.ts'
import type { Surroundings } from '../commandLine/script.ts'
import { wrongUsage } from '../commandLine/scriptError.ts'
import { readAuthority } from '../reading/material.ts'
import type { identitiesOptions } from './identitiesOptions.ts'
import { checkedNamespace, checkedObjectName, objectsYaml } from './secretYaml.ts'
import { makeSetUp, type SetUp } from './setUp.ts'
import { setUpFiles } from './setUpFiles.ts'
import { allSecrets, controllerSecrets, serviceNames } from './setUpSecrets.ts'

type Values = ValuesOf<typeof identitiesOptions>

/** `identities`: the whole set-up of a stateful KES, into a folder or as Secrets. */
export async function runIdentities(values: Values, surroundings: Surroundings): Promise<boolean> {
  checkTogether(values)
  const { now, random, print, say } = surroundings
  const setUp = makeSetUp(await wishFrom(values), { now: now(), random })
  if (values.folder === undefined) {
    print(objectsYaml(secretsOf(setUp, values)))
    say(identitiesTable(setUp, values['for-controller'] ?? false))
    return true
  }
  const folder = resolve(values.folder)
  const files = setUpFiles(setUp, {
    folder,
    tlsFolder: values['tls-folder'] ?? folder,
    address: values.address,
    policy: minioPolicy({
      keyPrefix: values['key-prefix'],
      allowKeyCreation: values['allow-key-creation'] ?? false,
    }),
    withAuthorityKey: values.ca === undefined,
  })
  // There is no --force: a replaced unseal key or administrator is a key server that is lost.
  await writeFiles(
    files,
    () => false,
    'nothing was written; an unseal key and administrators are made once, choose a new folder',
  )
  print(`${identitiesTable(setUp, false)}\n${nextSteps(folder, setUp)}`)
  return true
}

/** Where the StatefulSet of the controller mounts the server's pair. */
const mountedTls = '/etc/kes/tls'

const onlyWithSecrets = ['for-controller', 'namespace', 'client-namespace'] as const
const onlyWithFolder = ['allow-key-creation'] as const

function checkTogether(values: Values): void {
  const { folder, secrets, dns, ip } = values
  if ((folder !== undefined) === (secrets ?? false)) throw wrongUsage('one of --folder and --secrets has to be there')
  const stray = (folder === undefined ? onlyWithFolder : onlyWithSecrets).find((name) => values[name] !== undefined)
  if (stray !== undefined)
    throw wrongUsage(`--${stray} says nothing with --${folder === undefined ? 'secrets' : 'folder'}`)
  if (folder !== undefined && dns === undefined && ip === undefined)
    throw wrongUsage('--dns or --ip is missing: KES does not start with a certificate that names neither')
  if (values['for-controller'] && (dns ?? ip ?? values['client-namespace']) !== undefined)
    throw wrongUsage(
      '--dns, --ip and --client-namespace say nothing with --for-controller: it makes those pairs itself',
    )
  const tlsFolder = values['tls-folder']
  if (tlsFolder !== undefined && !isAbsolute(tlsFolder))
    throw wrongUsage('--tls-folder must be an absolute path: KES opens it at every start, from wherever it is started')
  if (!/^.*:\d{1,5}$/.test(values.address)) throw wrongUsage('--address is HOST:PORT, like 0.0.0.0:7373')
}

async function wishFrom(values: Values) {
  const { ca, dns = [], ip = [], folder } = values
  const keyServer = checkedObjectName(values['key-server'], 'key-server')
  const own = folder === undefined && !values['for-controller'] ? serviceNames(keyServer, namespaceOf(values)) : []
  return {
    authority: ca === undefined ? undefined : await readAuthority(ca, values['ca-key'] ?? ca),
    authorityName: values.name ?? `kes-injector ${keyServer} authority`.slice(0, 64),
    dnsNames: [...own, ...dns],
    ipAddresses: ip,
    authorityLifetimeMs: lifetimeMs(values['authority-lifetime'], 'authority-lifetime'),
    lifetimeMs: lifetimeMs(values.lifetime, 'lifetime'),
  }
}

const namespaceOf = ({ namespace }: Values): string => checkedNamespace(required(namespace, 'namespace'), 'namespace')

function secretsOf(setUp: SetUp, values: Values): readonly object[] {
  const [keyServer, namespace] = [values['key-server'], namespaceOf(values)]
  if (values['for-controller']) return controllerSecrets(setUp, { keyServer, namespace })
  const clientNamespace = checkedNamespace(values['client-namespace'] ?? namespace, 'client-namespace')
  return allSecrets(setUp, { keyServer, namespace, clientNamespace, tlsFolder: values['tls-folder'] ?? mountedTls })
}

function identitiesTable({ systemAdmin, enclaveAdmin, client, server }: SetUp, adminsOnly: boolean): string {
  const rows = [
    ['system admin', systemAdmin.identity],
    ['enclave admin', enclaveAdmin.identity],
    ...(adminsOnly ? [] : [['MinIO', client.identity]]),
    ...(server ? [['server', server.identity]] : []),
  ]
  return rows.map(([who = '', identity = '']) => `${who.padEnd(13)}  ${identity}\n`).join('')
}

const nextSteps = (folder: string, { client }: SetUp): string => `\
Next, with a KES that has \`kes init\` (DIR must not exist):
  export ${unsealVariable}="$(cat ${folder}/unseal.key)"
  kes init --config ${folder}/init.yml DIR
  kes server DIR
and, as the enclave's administrator:
  export KES_SERVER=https://… KES_CLIENT_CERT=${folder}/enclave-admin.crt KES_CLIENT_KEY=${folder}/enclave-admin.key
  kes policy create minio ${folder}/minio-policy.json
  kes policy assign minio ${client.identity}
Keep unseal.key apart from DIR, and both backed up: without either one every key is lost.
`
