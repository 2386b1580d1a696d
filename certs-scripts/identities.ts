#!/usr/bin/env node
// Makes everything that a stateful KES starts from: four identities, unseal key, init.yml.
import { main } from './commandLine/script.ts'
import { identitiesOptions } from './making/identitiesOptions.ts'
import { runIdentities } from './making/identitiesScript.ts'

await main({
  name: 'identities',
  summary:
    'Makes the four identities of a stateful KES (system admin, enclave admin, MinIO, server), its unseal key and its init.yml, all under one authority.',
  options: identitiesOptions,
  notes: [
    'Neither administrator can be changed at a KES later, and a lost unseal key loses every key: make them once, back them up.',
    "There is no --force. To renew the server's or MinIO's certificate: server --renew, client --renew.",
  ],
  examples: [
    'identities --folder pki --dns kes.example.net --ip 10.0.0.7 --tls-folder /etc/kes/tls',
    'identities --secrets --namespace kes --client-namespace minio-a > secrets.yaml',
    'identities --secrets --for-controller --namespace kes-injector | kubectl create -f -   # before the KeyServer exists',
  ],
  run: ({ values }, surroundings) => runIdentities(values, surroundings),
})
