import { createHash } from 'node:crypto'
import { lstat, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** What lies in folders that the kubelet exchanges. */
export interface Mounted {
  /** Tells one content from another one. */
  readonly digest: string
  /** When the latest of the folders was exchanged, in Unix milliseconds. */
  readonly exchangedAt: number
}

/** The link behind which the kubelet exchanges a Secret's folder, all of it at once. */
const link = '..data'

/** The very folder that the link shows now; a plain folder is its own. */
async function current(folder: string): Promise<{ readonly path: string; readonly exchangedAt: number }> {
  try {
    return { path: join(folder, link), exchangedAt: (await lstat(join(folder, link))).mtimeMs }
  } catch {
    return { path: folder, exchangedAt: (await lstat(folder)).mtimeMs }
  }
}

/** Throws what the file system throws: a look may fall into an exchange, and the next one sees it whole. */
export async function lookAt(folders: readonly string[]): Promise<Mounted> {
  const hash = createHash('sha256')
  let exchangedAt = 0
  for (const folder of folders) {
    const { path, exchangedAt: at } = await current(folder)
    exchangedAt = Math.max(exchangedAt, at)
    const entries = await readdir(path, { withFileTypes: true })
    for (const name of entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort())
      hash.update(JSON.stringify([folder, name, (await readFile(join(path, name))).toString('base64')]))
  }
  return { digest: hash.digest('hex'), exchangedAt }
}

/** The hash by which the controller calls a configuration: it stands in the name of a policy that nobody has. */
export const hashIn = (configuration: string): string | undefined =>
  /kes-injector-config-([0-9a-f]{12})/.exec(configuration)?.[1]
