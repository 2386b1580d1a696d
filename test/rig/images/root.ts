import { existsSync, realpathSync } from 'node:fs'
import { posix } from 'node:path'
import { run } from '../command.ts'
import { RigError } from '../rigError.ts'
import type { TarEntry } from './tar.ts'

/** A file of the image, by its path there without the leading slash. */
export const program = (path: string, file: string): TarEntry => ({
  kind: 'file',
  path,
  mode: 0o755,
  content: { file },
})
export const data = (path: string, file: string): TarEntry => ({ kind: 'file', path, mode: 0o644, content: { file } })
export const text = (path: string, content: string): TarEntry => ({
  kind: 'file',
  path,
  mode: 0o644,
  content: Buffer.from(content),
})
export const folder = (path: string, mode = 0o755, owner = 0): TarEntry => ({ kind: 'folder', path, mode, owner })

/** Who may run in our images: root for the unwary, and the number that distroless calls nonroot. */
export const users: readonly TarEntry[] = [
  text('etc/passwd', 'root:x:0:0::/:/bin/sh\nnonroot:x:65532:65532::/tmp:/bin/sh\n'),
  text('etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
  text('etc/nsswitch.conf', 'hosts: files dns\n'),
  folder('tmp', 0o1777),
]

const busyboxFile = '/bin/busybox'
const applets =
  'sh ash awk base64 cat chmod cmp cp cut date dd df echo env false find grep head hostname id kill ln ls mkdir mv nc nslookup od printenv printf ps pwd readlink rm sed seq sha256sum sleep sort stat sync tail tar tee test timeout touch tr true uname wc wget whoami xargs'

/** A shell and the usual small commands, for tests that look into a container. Debian's busybox-static. */
export const shell = (): readonly TarEntry[] => {
  if (!existsSync(busyboxFile))
    throw new RigError('NotPossibleHere', `${busyboxFile} is missing: apt-get install busybox-static`)
  return [
    program('bin/busybox', realpathSync(busyboxFile)),
    ...applets.split(' ').map((applet): TarEntry => ({ kind: 'link', path: `bin/${applet}`, target: 'busybox' })),
  ]
}

/** A program that is linked dynamically, with every library it names and the loader, as ldd(1) finds them. */
export async function withLibraries(path: string, file: string): Promise<readonly TarEntry[]> {
  const listed = await run('ldd', [file])
  const libraries = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap(([, library]) => library ?? [])
  return [program(path, file), ...libraries.map((library) => program(library.slice(1), realpathSync(library)))]
}

/** Adds the folders that paths pass through, and puts everything in one order. */
export function complete(entries: readonly TarEntry[]): readonly TarEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  for (const { path } of entries) {
    for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) {
      if (!byPath.has(above)) byPath.set(above, folder(above))
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
