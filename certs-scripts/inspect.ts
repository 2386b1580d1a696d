#!/usr/bin/env node
// Says what is in files and Secrets: certificates, keys, identities, when they end, and what KES or MinIO would refuse.
import { main } from './commandLine/script.ts'
import { wrongUsage } from './commandLine/scriptError.ts'
import { inspect } from './inspecting/inspect.ts'
import { countOf, reportText } from './inspecting/report.ts'
import { certificatesOf, readEntries } from './reading/material.ts'

await main({
  name: 'inspect',
  summary:
    'Says what is in files and Secrets: certificates and keys, when they end, their KES identity, whether they match and chain, and what KES or MinIO would refuse.',
  files: 'FILE...',
  options: {
    ca: {
      type: 'string',
      value: 'FILE',
      multiple: true,
      description:
        'The authorities that must have issued what is here, may be repeated. None: those that lie beside it.',
    },
    output: { type: 'string', value: 'table|json', default: 'table', description: 'For people, or for programs.' },
  },
  notes: [
    'FILE is PEM, or a Secret or ConfigMap as YAML or JSON, or a list of them; - is standard input. No byte of a key is ever printed.',
    'It ends with 1 when something is wrong (!!), and with 0 when there are only warnings (!).',
  ],
  examples: [
    'inspect --ca pki/ca.crt pki/minio.crt pki/minio.key',
    'kubectl get secrets -A --field-selector type=kubernetes.io/tls -o yaml | inspect -',
    'inspect --output json kes-client.yaml',
  ],
  run: async ({ values: { ca = [], output }, files }, { now, print }) => {
    if (output !== 'table' && output !== 'json') throw wrongUsage('--output is table or json')
    if (files.length === 0) throw wrongUsage('there is no file; - reads standard input')
    const trusted = (await Promise.all(ca.map(readEntries))).flatMap(certificatesOf)
    if (ca.length > 0 && trusted.length === 0) throw wrongUsage('there is no certificate in the file of --ca')
    const findings = inspect((await Promise.all(files.map(readEntries))).flat(), trusted, now())
    const errors = countOf(findings, 'error')
    print(output === 'json' ? `${JSON.stringify({ findings, errors }, undefined, 2)}\n` : reportText(findings))
    return errors === 0
  },
})
