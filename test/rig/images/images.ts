import { cached, cacheFolder, shortHash } from '../cache.ts'
import { silent, type Report } from '../report.ts'
import { writeImage } from './oci.ts'
import { imageRecipes, type ImageContent, type ImageName } from './recipes.ts'
import { complete } from './root.ts'
import { pour } from './tar.ts'

/** An image that a node can import: the name pods ask for, and the OCI tar file. */
export interface Image {
  readonly reference: string
  readonly repository: string
  readonly tag: string
  readonly tar: string
}

/** Hashes content. A file in the cache never changes under its path, so its path stands for its bytes. */
const contentHash = ({ root, config }: ImageContent): string =>
  shortHash((hash) => {
    hash.update(JSON.stringify(config))
    for (const entry of root) {
      const { content, ...rest } = entry.kind === 'file' ? entry : { ...entry, content: Buffer.alloc(0) }
      hash.update(JSON.stringify(rest))
      if (Buffer.isBuffer(content)) hash.update(content)
      else if (content.file.startsWith(cacheFolder())) hash.update(content.file)
      else pour(content.file, (bytes) => hash.update(bytes))
    }
  })

/**
 * Answers an image of what the named recipe holds now; its programs and its tar file are made first if the cache has none.
 * The tag is a hash of the content: other content has another name, so no node runs an old image by mistake.
 */
export async function ensureImage(name: ImageName, report: Report = silent): Promise<Image> {
  const recipe: (report: Report) => Promise<ImageContent> = imageRecipes[name]
  const content = await recipe(report)
  // A tag of digits alone would be a number to Helm's --set.
  const tag = `rig-${contentHash({ ...content, root: complete(content.root) })}`
  const repository = `kes-injector.io/rig/${name}`
  const reference = `${repository}:${tag}`
  const tar = await cached('images', `${name}-${tag}.tar`, (into) => {
    writeImage(into, reference, complete(content.root), content.config)
    report(`packed image ${reference}`)
    return Promise.resolve()
  })
  return { reference, repository, tag, tar }
}

/** Answers several images. */
export async function ensureImages<Name extends ImageName>(
  names: readonly Name[],
  report: Report = silent,
): Promise<Readonly<Record<Name, Image>>> {
  const images: Partial<Record<Name, Image>> = {}
  for (const name of names) images[name] = await ensureImage(name, report)
  return images as Readonly<Record<Name, Image>>
}
