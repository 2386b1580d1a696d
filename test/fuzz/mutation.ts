import fc from 'fast-check'

/** Names and texts that mean something to the webhook, to JavaScript, to JSON Patch or to Kubernetes. */
const dictionary = [
  '',
  '-',
  '0',
  '01',
  '-1',
  'a/b',
  'a~b',
  '~1',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'length',
  'minio',
  'kes-injector',
  'kes-client',
  'metadata',
  'annotations',
  'labels',
  'spec',
  'env',
  'name',
  'value',
  'valueFrom',
  'containers',
  'initContainers',
  'volumes',
  'volumeMounts',
  'mountPath',
  'securityContext',
  'fsGroup',
  'hostNetwork',
  'deletionTimestamp',
  'generateName',
  'externalClientCertSecrets',
  'externalClientCertSecret',
  'additionalVolumes',
  'additionalVolumeMounts',
  'kes',
  'pools',
  'request',
  'object',
  'oldObject',
  'operation',
  'CREATE',
  'UPDATE',
  'DELETE',
  'CONNECT',
  'subResource',
  'status',
  'Pod',
  'Tenant',
  'pods',
  'tenants',
  'team-a',
  'team-b',
  'v1.min.io/tenant',
  'kes-injector.io/inject',
  'enabled',
  'disabled',
  'kes-injector.io/key-name',
  'kes-injector.io/container',
  'kes-injector.io/mount',
  'kes-injector.io/confirm-delete',
  'team-a_minio',
  'team-b_minio',
  'cert-manager.io/v1',
  'MINIO_KMS_KES_ENDPOINT',
  'MINIO_KMS_KES_KEY_NAME',
  'MINIO_KMS_KES_CERT_FILE',
  'MINIO_KMS_KES_KEY_FILE',
  'MINIO_KMS_KES_CAPATH',
  'MINIO_KMS_KES_API_KEY',
  'MINIO_KMS_SECRET_KEY',
  'MINIO_KMS_SERVER',
  'MINIO_CONFIG_ENV_FILE',
  'https://kes-default.kes-system.svc:7373',
  '/run/kes-injector',
  '/run',
  '/',
  '/tmp/certs/client-0/client.crt',
  '/tmp/certs/client-1/client.key',
  '/tmp/certs/CAs/client-ca-0.crt',
  'x'.repeat(300),
  '\u0000',
  '\u2028',
  '\u001b[31m',
]

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...dictionary) },
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const variable = fc.record({ name: word, value: word })
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: word },
  fc.constantFrom(null, true, false, 0, -0, 1, 2 ** 53, 1e300, [], {}),
  fc.array(variable, { maxLength: 3 }),
  fc.dictionary(word, word, { maxKeys: 3 }),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown),
)

type Edit = readonly ['set' | 'remove' | 'repeat' | 'rename' | 'swap' | 'add', number, string, unknown]

const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom(
    'set' as const,
    'set' as const,
    'remove' as const,
    'repeat' as const,
    'rename' as const,
    'swap' as const,
    'add' as const,
  ),
  fc.nat(),
  word,
  value,
)

type ByteEdit = readonly ['flip' | 'cut' | 'insert' | 'repeat' | 'end', number, number]
const byteEdit: fc.Arbitrary<ByteEdit> = fc.tuple(
  fc.constantFrom(
    'flip' as const,
    'flip' as const,
    'cut' as const,
    'insert' as const,
    'repeat' as const,
    'end' as const,
  ),
  fc.nat(),
  fc.nat(),
)

/** One way to change a review. */
export type Mutation =
  | { readonly of: number; readonly edits: readonly Edit[] }
  | { readonly of: number; readonly bytes: readonly ByteEdit[] }

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ of: fc.nat(), edits: fc.array(edit, { minLength: 1, maxLength: 6 }) }) },
  fc.record({ of: fc.nat(), bytes: fc.array(byteEdit, { minLength: 1, maxLength: 4 }) }),
)

/** So many mutations; the same for the same seed. */
export const mutations = (seed: number, count: number): readonly Mutation[] =>
  fc.sample(mutation, { seed, numRuns: count })

type Container = Record<string, unknown>

/** Every place in a document, as its container and the name in it. */
function placesIn(root: Container): (readonly [Container, string])[] {
  const places: (readonly [Container, string])[] = []
  const visit = (container: Container): void => {
    for (const name of Object.keys(container)) {
      places.push([container, name])
      const next = container[name]
      if (typeof next === 'object' && next !== null) visit(next as Container)
    }
  }
  visit(root)
  return places
}

/** Assignment that makes an own member of `__proto__` too, as parsing does. */
const put = (container: Container, name: string, its: unknown): void =>
  void Object.defineProperty(container, name, { value: its, writable: true, enumerable: true, configurable: true })

function applyEdit(root: Container, [kind, at, name, drawn]: Edit): void {
  // What is drawn twice is one object, and put into itself it would be a ring.
  const its = structuredClone(drawn)
  const places = placesIn(root)
  const [container, key] = places[at % Math.max(1, places.length)] ?? [root, name]
  const [other, otherKey] = places[(at >>> 8) % Math.max(1, places.length)] ?? [root, name]
  const there = container[key]
  if (kind === 'set') put(container, key, its)
  else if (kind === 'remove') {
    if (Array.isArray(container)) container.splice(Number(key), 1)
    else Reflect.deleteProperty(container, key)
  } else if (kind === 'repeat') {
    if (Array.isArray(container)) container.push(structuredClone(there))
    else put(container, name, structuredClone(there))
  } else if (kind === 'rename' && !Array.isArray(container)) {
    Reflect.deleteProperty(container, key)
    put(container, name, there)
  } else if (kind === 'swap') put(other, otherKey, structuredClone(there))
  else if (typeof there === 'object' && there !== null)
    put(there as Container, Array.isArray(there) ? String(there.length) : name, its)
}

function applyByteEdit(bytes: Buffer, [kind, at, much]: ByteEdit): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length
  const length = much % 40
  const [before, behind] = [bytes.subarray(0, place), bytes.subarray(place)]
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes)
      if (place < flipped.length) flipped[place] = (flipped[place] ?? 0) ^ (1 << (much % 8))
      return flipped
    }
    case 'cut':
      return Buffer.concat([before, behind.subarray(length)])
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, much % 256), behind])
    case 'repeat':
      return Buffer.concat([before, behind.subarray(0, length), behind])
    case 'end':
      return before
  }
}

/** The bytes of a mutated review. */
export function mutate(reviews: readonly Buffer[], mutation: Mutation): Buffer {
  const original = reviews[mutation.of % reviews.length] ?? Buffer.alloc(0)
  if ('bytes' in mutation) return mutation.bytes.reduce(applyByteEdit, original)
  const root = JSON.parse(original.toString()) as Container
  for (const each of mutation.edits) applyEdit(root, each)
  try {
    return Buffer.from(JSON.stringify(root))
  } catch {
    // A `toJSON` or a ring that cannot be written: nothing that could be sent.
    return original
  }
}
