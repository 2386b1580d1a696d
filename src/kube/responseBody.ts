import type { IncomingMessage } from 'node:http'
import { callFailed, type Call } from './apiError.ts'
import type { ListPage } from './client.ts'
import { apiVersionOf, type KubeObject, type Resource } from './object.ts'

/** The whole body as text; `BadResponse` if it is longer than it may be. */
export async function readBody(call: Call, response: IncomingMessage, longestBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > longestBytes) {
      response.destroy()
      throw callFailed(call, 'BadResponse', `the answer is longer than ${longestBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Parses without quoting: the error of `JSON.parse` holds a piece of the text, and that may be a key. */
export function readJson(call: Call, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw callFailed(call, 'BadResponse', `the answer is not JSON (${body.length} characters)`)
  }
}

/** Takes an object for what the resource says it is, once it has a name and a version; its inside is not checked. */
export function readObject<T extends KubeObject>(call: Call & { readonly resource: Resource<T> }, value: unknown): T {
  if (!isRecord(value) || !isRecord(value['metadata'])) throw callFailed(call, 'BadResponse', 'the answer is no object')
  const { name, namespace, resourceVersion } = value['metadata']
  const wellNamed =
    typeof name === 'string' && name !== '' && (namespace === undefined || typeof namespace === 'string')
  if (!wellNamed || typeof resourceVersion !== 'string' || resourceVersion === '') {
    throw callFailed(call, 'BadResponse', 'the answer is an object without name or resourceVersion')
  }
  // Items of a list come without their kind.
  const named = { apiVersion: apiVersionOf(call.resource), kind: call.resource.kind, ...value }
  return named as unknown as T
}

export function readList<T extends KubeObject>(
  call: Call & { readonly resource: Resource<T> },
  value: unknown,
): ListPage<T> {
  if (!isRecord(value) || !isRecord(value['metadata'])) throw callFailed(call, 'BadResponse', 'the answer is no list')
  const { resourceVersion, continue: next } = value['metadata']
  // Go writes an empty slice of some kinds as null.
  const items: unknown = value['items'] ?? []
  if (!Array.isArray(items) || typeof resourceVersion !== 'string' || resourceVersion === '') {
    throw callFailed(call, 'BadResponse', 'the answer is a list without items or resourceVersion')
  }
  return {
    items: items.map((item) => readObject(call, item)),
    resourceVersion,
    ...(typeof next === 'string' && next !== '' ? { continue: next } : {}),
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
