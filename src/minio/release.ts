/** MinIO's tags are its releases: `RELEASE.2024-05-10T01-41-38Z`, with what a builder appends. */
const release = /:RELEASE\.(\d{4}-\d{2}-\d{2})T\d{2}-\d{2}-\d{2}Z[A-Za-z0-9._-]*(?:@.*)?$/

/** From this day on MinIO asks for a data key first, and creates its key only where there is none (facts: KES 0.2). */
const asksFirst = '2024-05-10'

/** Whether the tag says that this MinIO creates its default key at every start. False where the tag says nothing. */
export function createsKeyAtStart(image: string): boolean {
  const [, day] = release.exec(image) ?? []
  return day !== undefined && day < asksFirst
}
