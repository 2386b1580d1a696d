import { canonicalPath } from '../../minio/pod.ts'

/** Files of an entry of `spec.externalClientCertSecrets` wherever they are named in a text (operator minio-statefulset.go). */
const paths = /(?<before>\/tmp\/certs\/(?:CAs\/client-ca-|client-))(?<index>\d{1,6})(?=\.crt(?![\w.-])|\/|$|[^\w.-])/g

/** Indices of the entries whose files a text names. */
export const indicesIn = (text: string): readonly number[] =>
  [...text.matchAll(paths)].map(({ groups }) => Number(groups?.['index']))

const isBelow = (path: string): boolean => path === '/tmp/certs' || path.startsWith('/tmp/certs/')

/** Whether a text names the folder of certificates in a way that the kernel takes and that is not worked out here. */
export const namesOddly = (text: string): boolean =>
  text
    .split(/[\s,;="']+/)
    .filter((word) => word.startsWith('/'))
    .map((word) => [word.replace(/\/$/, ''), canonicalPath(word)] as const)
    .some(([word, canonical]) => word !== canonical && isBelow(canonical))

/** The text with each path where its entry stands afterwards. */
export const renumbered = (text: string, newIndex: ReadonlyMap<number, number>): string =>
  text.replaceAll(paths, (whole: string, before: string, index: string) => {
    const to = newIndex.get(Number(index))
    return to === undefined ? whole : `${before}${to}`
  })
