#!/usr/bin/env node
// Prints the identity under which KES knows a key pair.
import { main } from './commandLine/script.ts'
import { wrongUsage } from './commandLine/scriptError.ts'
import { onlyIdentity } from './inspecting/identities.ts'
import { inspect } from './inspecting/inspect.ts'
import { readEntries } from './reading/material.ts'
import { shownPath } from './commandLine/files.ts'

await main({
  name: 'identity-of',
  summary:
    'Prints the KES identity (64 hexadecimal digits) of a certificate, a private key, or a Secret as YAML or JSON.',
  files: '[FILE]',
  options: {},
  notes: [
    'Without FILE, or with -, it reads standard input. The identity is the SHA-256 of the DER SubjectPublicKeyInfo: it stays when a',
    'certificate is renewed with the same key.',
  ],
  examples: ['identity-of minio.crt', 'kubectl -n minio-a get secret kes-client -o yaml | identity-of'],
  run: async ({ files: [file = '-', ...more] }, { now, print }) => {
    if (more.length > 0) throw wrongUsage('it takes one file')
    print(`${onlyIdentity(inspect(await readEntries(file), [], now()), shownPath(file))}\n`)
    return true
  },
})
