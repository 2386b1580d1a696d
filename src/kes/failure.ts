import { KesError, type KesErrorCode } from './kesError.ts'

/** What KES v0.22.3 says in `{"message": …}` where the status alone would be ambiguous (KES `error.go`). */
const meanings: Readonly<Record<string, KesErrorCode>> = {
  '404 key does not exist': 'KeyNotFound',
  '404 policy does not exist': 'PolicyNotFound',
  '404 identity does not exist': 'IdentityNotFound',
  '400 decryption failed: ciphertext is not authentic': 'NotAuthentic',
}

const longestMessage = 200

/**
 * What an answer other than 200 means. A 404 counts as "does not exist" only when KES itself says so: a proxy's or another
 * server's 404 must never make the controller create a key.
 */
export function failureOf(status: number, body: Buffer): KesError {
  const said = messageIn(body)
  const code = meanings[`${status} ${said}`] ?? codeOf(status)
  return new KesError(code, said === '' ? `KES answered ${status}` : `KES answered ${status}: ${said}`)
}

/** What it means that no answer came. */
export function connectionFailure(error: Error): KesError {
  if (error instanceof KesError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code.startsWith('HPE_')) return new KesError('BadResponse', `the answer is no HTTP (${code})`, { cause: error })
  // Of the operating system's own codes only EPROTO is TLS's; OpenSSL's and Node's TLS codes all contain a `_`.
  const kind = code === 'EPROTO' || (code.includes('_') && code !== 'EAI_AGAIN') ? 'TlsFailed' : 'Unreachable'
  const what = kind === 'TlsFailed' ? 'no TLS connection to KES' : 'no connection to KES'
  return new KesError(kind, `${what} (${code === '' ? error.message : code})`, { cause: error })
}

function codeOf(status: number): KesErrorCode {
  if (status === 403) return 'NotAllowed'
  if (status >= 500) return 'ServerError'
  // 404 without KES's own words: not KES, or not this version of it.
  return status >= 400 && status !== 404 ? 'BadRequest' : 'BadResponse'
}

// Not JSON.parse: a stateful KES pastes its message between quotes without escaping it. A current one ends the line after them.
function messageIn(body: Buffer): string {
  const [, said = ''] = /^\s*\{"message":"(.*)"\s*\}\s*$/s.exec(body.subarray(0, 4096).toString('utf8')) ?? []
  return said.replace(/\p{Cc}/gu, ' ').slice(0, longestMessage)
}
