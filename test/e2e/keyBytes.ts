import { createPrivateKey } from 'node:crypto'

/** A piece of this many characters of a key's text gives it away. */
const windowLength = 24
/** So many of them must be of the secret part: what stands around it in a file is the same for every key, or public. */
const secretLength = 16

/** What to look for, each with where it comes from. */
export type KeyWindows = ReadonlyMap<string, string>

/** The windows of a text that show something of its part `from … to`. */
function windowsOf(text: string, from: number, to: number): readonly string[] {
  const windows: string[] = []
  for (let at = 0; at + windowLength <= text.length; at++) {
    const secret = Math.min(at + windowLength, to) - Math.max(at, from)
    if (secret >= secretLength) windows.push(text.slice(at, at + windowLength))
  }
  return windows
}

const base64Range = (from: number, to: number): readonly [number, number] => [
  Math.floor((from * 4) / 3),
  Math.ceil((to * 4) / 3),
]

/** Text that is secret from one place to another, as it is, in base64, and in base64 of base64 (a Secret inside of a body). */
function carried(text: string, from: number, to: number): readonly string[] {
  const once = Buffer.from(text, 'latin1').toString('base64')
  const [onceFrom, onceTo] = base64Range(from, to)
  const twice = Buffer.from(once).toString('base64')
  return [
    ...windowsOf(text, from, to),
    ...windowsOf(once, onceFrom, onceTo),
    ...windowsOf(twice, ...base64Range(onceFrom, onceTo)),
  ]
}

/** All that would give a PEM private key away: its body, its DER, its secret number, each in the ways that logs write bytes. */
function ofPrivateKey(pem: string): readonly string[] {
  const key = createPrivateKey(pem)
  const { d = '' } = key.export({ format: 'jwk' })
  const number = Buffer.from(d, 'base64url')
  const der = key.export({ format: 'der', type: 'pkcs8' })
  const at = der.indexOf(number)
  const [from, to] = base64Range(at, at + number.length)
  const body = der.toString('base64')
  const pemFrom = pem.indexOf('\n') + 1
  const wrapped = (place: number): number => pemFrom + place + Math.floor(place / 64)
  return [
    ...windowsOf(body, from, to),
    ...carried(pem, wrapped(from), wrapped(to)),
    ...ofBytes(number),
    ...windowsOf(d, 0, d.length),
  ]
}

function ofBytes(bytes: Buffer): readonly string[] {
  return ['base64', 'hex', 'base64url'].flatMap((encoding) => {
    const text = bytes.toString(encoding as 'base64' | 'hex')
    return carried(text, 0, text.length)
  })
}

/** A secret value as a Secret holds it. A certificate is none. */
export function keyWindows(values: Readonly<Record<string, Buffer>>): KeyWindows {
  const windows = new Map<string, string>()
  for (const [name, value] of Object.entries(values)) {
    const text = value.toString('latin1')
    const found = text.includes('PRIVATE KEY')
      ? ofPrivateKey(text)
      : [...ofBytes(value), ...carried(text, 0, text.length)]
    for (const window of found) windows.set(window, name)
  }
  return windows
}

/** Names of the keys of which something stands in a text; line breaks, also escaped ones, do not hide them. */
export function leaksIn(text: string, windows: KeyWindows): readonly string[] {
  const found = new Set<string>()
  const joined = text.replaceAll(/\\+[nr]|[\r\n]/g, '')
  for (const each of [text, joined]) {
    for (const [run] of each.matchAll(/[A-Za-z0-9+/=_-]{24,}/g)) {
      for (let at = 0; at + windowLength <= run.length; at++) {
        const name = windows.get(run.slice(at, at + windowLength))
        if (name !== undefined) found.add(name)
      }
    }
  }
  return [...found]
}
