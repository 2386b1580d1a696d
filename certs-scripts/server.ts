#!/usr/bin/env node
// Makes or renews the pair that a KES server serves.
import { main } from './commandLine/script.ts'
import { leafOptions } from './making/leafOptions.ts'
import { runLeaf } from './making/leafScript.ts'

await main({
  name: 'server',
  summary: 'Makes or renews the key pair that a KES server serves.',
  options: {
    dns: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      description: 'DNS name under which clients reach it, may be repeated. One of --dns and --ip is required.',
    },
    ip: {
      type: 'string',
      value: 'ADDRESS',
      multiple: true,
      description: "IP address, may be repeated. A pod's address dies with the pod: name its Service instead.",
    },
    ...leafOptions,
  },
  notes: [
    'Without --secret and --from the pair goes to server.crt and server.key, or to the files of --cert and --key.',
    'With --renew the names stay those of the former certificate, unless --dns or --ip say all of them anew. Clients that trust the',
    'authority notice nothing; KES takes the new file within 5 minutes (stateful) or 15.',
  ],
  examples: [
    'server --ca ca.crt --ca-key ca.key --dns kes.example.net --ip 10.0.0.7 --cert kes.crt --key kes.key',
    'server --renew --ca ca.crt --ca-key ca.key --cert kes.crt --key kes.key',
  ],
  run: ({ values }, surroundings) =>
    runLeaf(
      { usage: 'server', commonName: 'kes-injector key server', files: { cert: 'server.crt', key: 'server.key' } },
      values,
      { organizations: undefined, dnsNames: values.dns, ipAddresses: values.ip },
      surroundings,
    ),
})
