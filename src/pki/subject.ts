import { objectId, sequence, set, utf8, type Node } from './derWriter.ts'

/** Who a certificate is about. Parts are taken as they are: whoever asks has checked them (names.ts). */
export interface SubjectName {
  readonly commonName: string
  readonly organizations: readonly string[]
}

const partIds = { commonName: '2.5.4.3', organization: '2.5.4.10' } as const

/** The Name of RFC 5280 §4.1.2.4, organisations first. */
export function subjectNode({ commonName, organizations }: SubjectName): Node {
  return sequence(
    ...organizations.map((organization) => part(partIds.organization, organization)),
    part(partIds.commonName, commonName),
  )
}

const part = (id: string, value: string): Node => set(sequence(objectId(id), utf8(value)))
