import { cached } from '../cache.ts'
import { run } from '../command.ts'

const version = '5.2.5'

/** The command line of moto's server, which plays AWS. It comes from PyPI, once; its own requirements are not pinned. Throws `CommandFailed`. */
export async function ensureMoto(): Promise<readonly string[]> {
  const folder = await cached('programs', `moto-${version}`, async (into) => {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', into]
    await run('python3', [...pip, `moto[server]==${version}`])
  })
  return ['env', `PYTHONPATH=${folder}`, 'python3', '-m', 'moto.server']
}
