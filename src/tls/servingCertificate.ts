import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../observe/log.ts'
import { readPair } from '../pki/pair.ts'

/** A key pair that a server can present, checked: the key belongs to the certificate. */
export interface ServingCertificate {
  readonly certificatePem: string
  readonly keyPem: string
  readonly notAfter: Date
  /** Lower-case hex SHA-256 of the leaf. */
  readonly fingerprint: string
}

/** Where a server's certificate comes from. */
export interface CertificateSource {
  /** The last good pair; undefined until there has been one. */
  current(): ServingCertificate | undefined
  /** Calls with every later good pair that differs from the one before. */
  onChange(listener: (certificate: ServingCertificate) => void): void
}

/** A folder with `tls.crt` and `tls.key`, as the kubelet mounts a Secret. */
export interface CertificateFolder extends CertificateSource {
  /** Looks once, now. Never rejects: what is wrong is logged, and the last good pair stays. */
  look(): Promise<void>
  /** Looks every `everyMs` from now on; resolves when there is a first good pair. */
  watch(): Promise<ServingCertificate>
  stop(): void
}

export interface FolderOptions {
  readonly directory: string
  readonly log: Log
  readonly everyMs?: number
  readonly read?: (path: string) => Promise<string>
}

const tenSecondsMs = 10_000

/**
 * Follows a folder by looking at its content, because the kubelet exchanges the folder behind a link and file events
 * tell nothing of that.
 *
 * Both files are read one after the other, so a look may fall into an exchange and see halves of two pairs: such a pair
 * is refused like a damaged one, and the next look sees the new pair whole.
 */
export function certificateFolder({
  directory,
  log,
  everyMs = tenSecondsMs,
  read = readText,
}: FolderOptions): CertificateFolder {
  const listeners: ((certificate: ServingCertificate) => void)[] = []
  let good: ServingCertificate | undefined
  let lastSeen = ''
  let timer: NodeJS.Timeout | undefined

  const adopt = (certificate: ServingCertificate): void => {
    good = certificate
    log.info('the serving certificate is loaded', {
      fingerprint: certificate.fingerprint,
      notAfter: certificate.notAfter,
    })
    for (const listener of listeners) listener(certificate)
  }
  // Each content is complained of once, not every ten seconds.
  const complain = (seen: string, error: unknown): void => {
    if (seen === lastSeen) return
    log.warn('the serving certificate cannot be used; the last good one stays', { error })
  }
  const look = async (): Promise<void> => {
    let seen = 'unreadable'
    try {
      const [certificatePem, keyPem] = [await read(join(directory, 'tls.crt')), await read(join(directory, 'tls.key'))]
      seen = contentHash(certificatePem, keyPem)
      if (seen !== lastSeen) adopt(checked(certificatePem, keyPem))
    } catch (error) {
      complain(seen, error)
    }
    lastSeen = seen
  }

  return {
    current: () => good,
    onChange: (listener) => {
      listeners.push(listener)
    },
    look,
    watch: async () => {
      await look()
      const first =
        good ??
        (await new Promise<ServingCertificate>((resolve) => {
          listeners.push(resolve)
          timer = setInterval(() => void look(), everyMs)
        }))
      timer ??= setInterval(() => void look(), everyMs)
      return first
    },
    stop: () => clearInterval(timer),
  }
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8')

const contentHash = (...texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex')

function checked(certificatePem: string, keyPem: string): ServingCertificate {
  const { notAfter, fingerprint } = readPair({ certificatePem, keyPem })
  return { certificatePem, keyPem, notAfter, fingerprint }
}
