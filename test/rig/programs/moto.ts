import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../cache.ts'
import { run } from '../command.ts'

const requirements = join(import.meta.dirname, '../python/moto.txt')

/** The command line of moto's server, which plays AWS. It comes from PyPI, once, every package pinned. Throws `CommandFailed`. */
export async function ensureMoto(): Promise<readonly string[]> {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const folder = await cached('programs', `moto-${hash}`, async (into) => {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', into]
    await run('python3', [...pip, '--no-deps', '--requirement', requirements])
  })
  return ['env', `PYTHONPATH=${folder}`, 'python3', '-m', 'moto.server']
}
