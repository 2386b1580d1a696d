#!/usr/bin/env node
// Makes a certificate authority.
import { main } from './commandLine/script.ts'
import { authorityOptions, runAuthority } from './making/authorityScript.ts'

await main({
  name: 'authority',
  summary: 'Makes a certificate authority: the issuer that KES and its clients trust.',
  options: authorityOptions,
  notes: [
    'One authority a purpose. Its key stays with you: neither KES nor MinIO ever gets it, they get ca.crt.',
    'A new authority is not a renewal: whoever trusts the old one must be given the new one first (and MinIO be restarted).',
  ],
  examples: ['authority --name "keys of minio-a" --cert ca.crt --key ca.key'],
  run: ({ values }, surroundings) => runAuthority(values, surroundings),
})
