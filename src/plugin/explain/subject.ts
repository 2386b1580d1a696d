/** The kinds that can be explained, by the names that kubectl has for them. */
const kinds = {
  tenant: ['tenant', 'tenants', 'tenants.minio.min.io'],
  pod: ['pod', 'pods', 'po'],
  statefulset: ['statefulset', 'statefulsets', 'sts', 'statefulsets.apps'],
  deployment: ['deployment', 'deployments', 'deploy', 'deployments.apps'],
  namespace: ['namespace', 'namespaces', 'ns'],
} as const

export type SubjectKind = keyof typeof kinds

export const subjectKinds = Object.keys(kinds) as readonly SubjectKind[]

/** What somebody asks about. */
export interface Subject {
  readonly kind: SubjectKind
  readonly name: string
}

/** Reads `KIND/NAME`; undefined where it is none of ours. */
export function readSubject(word: string): Subject | undefined {
  const [said = '', name = '', ...more] = word.split('/')
  const kind = subjectKinds.find((each) => (kinds[each] as readonly string[]).includes(said.toLowerCase()))
  // Longer names no object has; what they may hold, the API server says.
  return kind && name !== '' && name.length <= 253 && more.length === 0 ? { kind, name } : undefined
}

/** The kind of an object in a file. */
export const kindOfObject = (kind: string | undefined): SubjectKind | undefined =>
  kind === undefined ? undefined : subjectKinds.find((each) => each === kind.toLowerCase())
