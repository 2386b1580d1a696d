import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeImage } from '../../../rig/images/oci.ts'
import { text } from '../../../rig/images/root.ts'

const place = mkdtempSync(join(tmpdir(), 'rig-oci-'))
afterAll(() => rmSync(place, { recursive: true }))

interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}

const file = join(place, 'image.tar')
writeImage(file, 'example.net/a/b:rig-1', [text('hello', 'world\n')], { Entrypoint: ['/hello'], User: '65532' })
const read = (path: string): Buffer => execFileSync('tar', ['-xOf', file, path])
const blob = ({ digest, size }: Descriptor): Buffer => {
  const bytes = read(`blobs/sha256/${digest.slice('sha256:'.length)}`)
  expect(bytes.length).toBe(size)
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest)
  return bytes
}
const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())

describe('an image', () => {
  const [descriptor] = (json(read('index.json')) as { manifests: [Descriptor] }).manifests

  it('carries the name that containerd files it under', () => {
    expect(descriptor.annotations?.['io.containerd.image.name']).toBe('example.net/a/b:rig-1')
  })

  it('holds every blob under its own digest and size, down to the layer', () => {
    const manifest = json(blob(descriptor)) as { config: Descriptor; layers: [Descriptor] }
    const config = json(blob(manifest.config)) as { config: { User: string }; rootfs: { diff_ids: string[] } }
    blob(manifest.layers[0])
    expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest])
    expect(config.config.User).toBe('65532')
  })
})
