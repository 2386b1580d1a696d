/** KES ended its stateful mode with this day's code (facts: KES 0.3); its tags are times, and beside them v0.23.0 and v0.24.0. */
const endOfStateful = '2023-09-28'

/** The tag of an image reference, without a digest; undefined where there is none. */
export function tagOf(image: string): string | undefined {
  const [reference = ''] = image.split('@')
  return /:([A-Za-z0-9_][A-Za-z0-9._-]*)$/.exec(reference)?.[1]
}

/**
 * Whether the tag says that this KES has no stateful mode, so that it could not read the volume. False also where a tag says nothing,
 * as one of people's own, `latest` or a digest does: the launcher in the image asks KES itself.
 */
export function isAfterStateful(image: string): boolean {
  const tag = tagOf(image) ?? ''
  const [, day] = /^(\d{4}-\d{2}-\d{2})T\d{2}-\d{2}-\d{2}Z/.exec(tag) ?? []
  return day === undefined ? /^v0\.2[3-9]\.\d+/.test(tag) : day >= endOfStateful
}
