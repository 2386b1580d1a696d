import { stringify } from 'yaml'
import type { PairPem } from '../../src/pki/pair.ts'
import { wrongUsage } from '../commandLine/scriptError.ts'

/**
 * How a pair lies in a Secret. `tls`: as cert-manager and the MinIO operator have it (kubernetes.io/tls); `kes`: Opaque with
 * private.key and public.crt, as set-ups made by hand have it.
 */
export const layouts = {
  tls: { type: 'kubernetes.io/tls', certificate: 'tls.crt', key: 'tls.key' },
  kes: { type: 'Opaque', certificate: 'public.crt', key: 'private.key' },
} as const
export type Layout = keyof typeof layouts

export function layoutOf(text: string): Layout {
  if (text === 'tls' || text === 'kes') return text
  throw wrongUsage(`--layout is tls or kes, not ${JSON.stringify(text.slice(0, 40))}`)
}

export interface SecretPlace {
  readonly namespace: string
  readonly name: string
  readonly layout: Layout
  readonly labels?: Readonly<Record<string, string>>
}

const dnsLabel = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'
const objectName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`)
const namespaceName = new RegExp(`^${dnsLabel}$`)

/** Throws `Usage` for names that the API server would refuse. */
export function checkedObjectName(name: string, flag: string): string {
  if (name.length <= 253 && objectName.test(name)) return name
  throw wrongUsage(`--${flag}: no object of Kubernetes can be called ${JSON.stringify(name.slice(0, 80))}`)
}

export function checkedNamespace(name: string, flag: string): string {
  if (namespaceName.test(name)) return name
  throw wrongUsage(`--${flag}: no namespace can be called ${JSON.stringify(name.slice(0, 80))}`)
}

/** A Secret with a pair and the authority's certificate: all that a client or server needs, in one object. */
export function pairSecret(
  { namespace, name, layout, labels }: SecretPlace,
  { certificatePem, keyPem, authorityPem }: PairPem & { readonly authorityPem: string },
): object {
  const { type, certificate, key } = layouts[layout]
  const data = { [certificate]: certificatePem, [key]: keyPem, 'ca.crt': authorityPem }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, ...(labels && Object.keys(labels).length > 0 ? { labels } : {}) },
    type,
    data: Object.fromEntries(
      Object.entries(data).map(([entry, text]) => [entry, Buffer.from(text).toString('base64')]),
    ),
  }
}

/** Objects as `kubectl apply -f -` takes them. */
export const objectsYaml = (objects: readonly object[]): string =>
  objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n')
