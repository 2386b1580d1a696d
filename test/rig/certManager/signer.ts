import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { certificateRequests, type CertificateRequest } from '../../../src/controller/issuance/certificateRequests.ts'
import type { Client } from '../../../src/kube/client.ts'

/** A small signer in the place of cert-manager, whose program cannot be had here. */
export interface Signer extends AsyncDisposable {
  /** PEM of the root that everything is signed under; an issuing authority stands between. */
  readonly rootPem: string
  /** How many requests were answered. */
  readonly answers: () => number
  /** What the next answers are like. */
  behave: 'well' | 'two leaves' | 'deny'
}

const everyMs = 300
const days = '30'

/** Signs with the real openssl what lies in CertificateRequests of one namespace. It approves everything, as cert-manager's own approver does. */
export function startSigner(client: Client, namespace: string, issuer: string): Signer {
  const folder = mkdtempSync(join(tmpdir(), 'kes-injector-signer-'))
  const file = (name: string) => join(folder, name)
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', name)
  newKey('root.key')
  openssl('req', '-x509', '-new', '-key', 'root.key', '-subj', '/CN=company root', '-days', '3650', '-out', 'root.pem')
  newKey('issuing.key')
  openssl('req', '-new', '-key', 'issuing.key', '-subj', '/CN=company issuing', '-out', 'issuing.csr')
  writeFileSync(file('ca.ext'), 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'issuing.csr',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-days',
    '365',
    '-extfile',
    'ca.ext',
    '-out',
    'issuing.pem',
  )
  const rootPem = readFileSync(file('root.pem'), 'utf8')
  let answers = 0
  let stopped = false

  function signed(csr: string): string {
    writeFileSync(file('leaf.csr'), csr)
    openssl(
      'x509',
      '-req',
      '-in',
      'leaf.csr',
      '-CA',
      'issuing.pem',
      '-CAkey',
      'issuing.key',
      '-days',
      days,
      '-copy_extensions',
      'copyall',
      '-out',
      'leaf.pem',
    )
    const [leaf, issuing] = ['leaf.pem', 'issuing.pem'].map((name) => readFileSync(file(name), 'utf8'))
    return `${leaf}${signer.behave === 'two leaves' ? leaf : ''}${issuing}`
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: reason,
    lastTransitionTime: new Date().toISOString(),
  })
  function answerTo({ spec }: CertificateRequest): CertificateRequest['status'] {
    if (signer.behave === 'deny') return { conditions: [condition('Denied', 'True', 'nobody gets anything today')] }
    return {
      certificate: base64(signed(Buffer.from(spec.request, 'base64').toString())),
      ca: base64(rootPem),
      conditions: [condition('Approved', 'True', 'policy'), condition('Ready', 'True', 'Issued')],
    }
  }

  async function look(): Promise<void> {
    const { items } = await client.list(certificateRequests, { namespace })
    for (const request of items.filter(({ spec, status }) => !status && spec.issuerRef.name === issuer)) {
      await client.updateStatus<CertificateRequest>(certificateRequests, {
        ...request,
        status: answerTo(request) ?? {},
      })
      answers++
    }
  }
  async function work(): Promise<void> {
    while (!stopped) {
      // Somebody else may have written, or taken the request away: the next look sees it.
      await look().catch(() => undefined)
      await delay(everyMs)
    }
  }
  const working = work()

  const signer: Signer = {
    rootPem,
    answers: () => answers,
    behave: 'well',
    async [Symbol.asyncDispose]() {
      stopped = true
      await working
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return signer
}
