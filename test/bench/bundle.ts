import { run } from '../rig/command.ts'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Bundles the program as the image has it; answers the file. */
export async function bundle(): Promise<string> {
  await run(process.execPath, ['scripts/bundle.ts'], { cwd: root })
  return join(root, 'dist/kes-injector.mjs')
}
