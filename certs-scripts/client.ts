#!/usr/bin/env node
// Makes or renews the pair of a KES client (MinIO, an administrator, a backup job).
import { main } from './commandLine/script.ts'
import { leafOptions } from './making/leafOptions.ts'
import { runLeaf } from './making/leafScript.ts'

await main({
  name: 'client',
  summary: 'Makes or renews the key pair with which MinIO, or any other client, is known to KES.',
  options: {
    ...leafOptions,
    organization: {
      type: 'string',
      value: 'TEXT',
      multiple: true,
      description: 'Organisation in the subject, may be repeated (the controller writes the namespace there).',
    },
  },
  notes: [
    'Without --secret and --from the pair goes to client.crt and client.key, or to the files of --cert and --key.',
    'Renew = the same key, a new certificate: KES and MinIO need nothing else. Re-key = a new key and so a new identity, which KES must',
    'admit before anybody uses it.',
  ],
  examples: [
    'client --ca ca.crt --ca-key ca.key --cert minio.crt --key minio.key',
    'client --ca ca.crt --ca-key ca.key --secret kes-client --namespace minio-a > kes-client.yaml',
    'kubectl -n minio-a get secret kes-client -o yaml | client --renew --from - --ca ca.crt --ca-key ca.key | kubectl apply -f -',
  ],
  run: ({ values }, surroundings) =>
    runLeaf(
      { usage: 'client', commonName: 'kes-injector client', files: { cert: 'client.crt', key: 'client.key' } },
      values,
      { organizations: values.organization, dnsNames: undefined, ipAddresses: undefined },
      surroundings,
    ),
})
