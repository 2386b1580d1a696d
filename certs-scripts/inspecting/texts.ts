import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { isUnsealKey } from '../../src/kes/unsealKey.ts'
import { pemBlocks, type PemBlock } from '../../src/pki/pem.ts'
import { PkiError } from '../../src/pki/pkiError.ts'
import { isKeyBlock, wholeCertificate } from '../reading/material.ts'
import type { Entry } from '../reading/entries.ts'
import { problem, type Problem } from './problems.ts'

/** What one entry holds, each certificate and key by itself. */
export interface Contents {
  readonly entry: Entry
  readonly certificates: readonly X509Certificate[]
  /** The public half: nothing here needs more. */
  readonly keys: readonly KeyObject[]
  /** No PEM text, but something that belongs to a set-up. */
  readonly other: 'unseal key' | 'nothing that is known' | undefined
  readonly problems: readonly Problem[]
}

const keyNames = /(?:^|\.)key$/

/** Reads an entry as far as it can be read; what cannot be is a problem and no error. */
export function contentsOf(entry: Entry): Contents {
  const nothing = { entry, certificates: [], keys: [], other: undefined, problems: [] }
  const blocks = blocksOrProblem(entry.text)
  if ('code' in blocks) return { ...nothing, problems: [blocks] }
  if (blocks.length === 0) {
    const named = keyNames.test(entry.name ?? entry.file)
    if (entry.text.trim() === '')
      return { ...nothing, other: 'nothing that is known', problems: named ? [problem('KeyEmpty')] : [] }
    return { ...nothing, other: isUnsealKey(entry.text) ? 'unseal key' : 'nothing that is known' }
  }
  const found: Problem[] = []
  const certificates = blocks
    .filter(isCertificate)
    .flatMap(({ text }) => readOr(text, wholeCertificate, 'CertificateUnreadable', found))
  const keyBlocks = blocks.filter(isKeyBlock)
  const keys = keyBlocks.flatMap((block) =>
    isEncrypted(block)
      ? (found.push(problem('KeyEncrypted')), [])
      : readOr(block.text, publicHalf, 'KeyUnreadable', found),
  )
  if (certificates.filter(({ ca }) => !ca).length > 1) found.push(problem('TwoLeaves'))
  return { ...nothing, certificates, keys, problems: [...found, ...besideKey(blocks, keyBlocks)] }
}

/** MinIO takes a key file of exactly one block. */
function besideKey(blocks: readonly PemBlock[], keyBlocks: readonly PemBlock[]): readonly Problem[] {
  if (keyBlocks.length === 0) return []
  const others = blocks.filter((block) => !isKeyBlock(block))
  if (others.some(isCertificate)) return [problem('KeyInCertificate'), problem('KeyNotAlone')]
  if (others.some(({ label }) => label === 'EC PARAMETERS')) return [problem('KeyParameters')]
  return blocks.length > 1 ? [problem('KeyNotAlone')] : []
}

const isCertificate = ({ label }: PemBlock): boolean => label === 'CERTIFICATE'
const isEncrypted = ({ label, text }: PemBlock): boolean =>
  label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(text)
const publicHalf = (pem: string): KeyObject => createPublicKey(createPrivateKey(pem))

function blocksOrProblem(text: string): readonly PemBlock[] | Problem {
  try {
    return pemBlocks(text)
  } catch (error) {
    if (error instanceof PkiError) return problem('PemBroken')
    throw error
  }
}

function readOr<T>(
  text: string,
  read: (pem: string) => T,
  code: 'KeyUnreadable' | 'CertificateUnreadable',
  found: Problem[],
): readonly T[] {
  try {
    return [read(text)]
  } catch {
    found.push(problem(code))
    return []
  }
}
