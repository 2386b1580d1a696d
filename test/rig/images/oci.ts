import { createHash } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import { toFile, writeTar, type TarEntry } from './tar.ts'

/** How containers of an image start, in the words of the OCI image specification (config.md). */
export interface ImageConfig {
  readonly Entrypoint: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const media = (name: string): string => `application/vnd.oci.image.${name}`

interface Blob {
  readonly digest: string
  readonly content: Buffer | { readonly file: string }
  readonly size: number
}

function blobOf(value: object): Blob {
  const content = Buffer.from(JSON.stringify(value))
  return { content, size: content.length, digest: createHash('sha256').update(content).digest('hex') }
}

function layerOf(root: readonly TarEntry[], file: string): Blob {
  const hash = createHash('sha256')
  toFile(file, (sink) =>
    writeTar(root, (bytes) => {
      hash.update(bytes)
      sink(bytes)
    }),
  )
  return { content: { file }, size: statSync(file).size, digest: hash.digest('hex') }
}

const descriptor = (blob: Blob, mediaType: string) => ({
  mediaType: media(mediaType),
  digest: `sha256:${blob.digest}`,
  size: blob.size,
})

/** Writes an image of one uncompressed layer as an OCI layout in a tar file, named so that `ctr images import` files it under `reference`. */
export function writeImage(into: string, reference: string, root: readonly TarEntry[], config: ImageConfig): void {
  const layerFile = `${into}.layer`
  rmSync(layerFile, { force: true })
  const layer = layerOf(root, layerFile)
  const configuration = blobOf({
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest}`] },
  })
  const manifest = blobOf({
    schemaVersion: 2,
    mediaType: media('manifest.v1+json'),
    config: descriptor(configuration, 'config.v1+json'),
    layers: [descriptor(layer, 'layer.v1.tar')],
  })
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor(manifest, 'manifest.v1+json'),
        annotations: {
          'io.containerd.image.name': reference,
          'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
        },
      },
    ],
  }
  const file = (path: string, content: Blob['content']): TarEntry => ({ kind: 'file', path, mode: 0o644, content })
  const blobs = [layer, configuration, manifest].map((blob) => file(`blobs/sha256/${blob.digest}`, blob.content))
  const layout = file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))
  toFile(into, (sink) => writeTar([layout, file('index.json', Buffer.from(JSON.stringify(index))), ...blobs], sink))
  rmSync(layerFile)
}
