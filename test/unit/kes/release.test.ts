import { describe, expect, it } from 'vitest'
import { isAfterStateful, tagOf } from '../../../src/kes/release.ts'

describe('the tag of an image', () => {
  it.each([
    ['minio/kes:v0.22.3', 'v0.22.3'],
    ['registry:5000/minio/kes:2023-08-19T17-27-47Z', '2023-08-19T17-27-47Z'],
    ['kes:v0.24.0@sha256:0123', 'v0.24.0'],
    ['registry:5000/minio/kes', undefined],
    ['kes@sha256:0123', undefined],
    ['kes', undefined],
    ['', undefined],
  ])('of %s is %s', (image, tag) => {
    expect(tagOf(image)).toBe(tag)
  })
})

describe('a KES without stateful mode', () => {
  it.each(['v0.23.0', 'v0.24.0', '2023-09-28T20-32-07Z', '2023-11-10T10-44-28Z', '2025-03-12T09-35-18Z-arm64'])(
    'is told by the tag %s',
    (tag) => {
      expect(isAfterStateful(`quay.io/minio/kes:${tag}`)).toBe(true)
    },
  )

  it.each([
    'v0.20.0',
    'v0.22.3',
    '2023-08-19T17-27-47Z',
    '0.1.0',
    'latest',
    'v1.2.3',
    'v0.1.0',
    '2026-01-01',
    'v0.230',
  ])('is not what the tag %s says', (tag) => {
    expect(isAfterStateful(`quay.io/minio/kes:${tag}`)).toBe(false)
  })

  it('is not told by a digest', () => {
    expect(isAfterStateful('minio/kes@sha256:20240101')).toBe(false)
  })
})
