import { open } from 'node:fs/promises'
import { PluginError } from '../../plugin/pluginError.ts'

/** No manifest and no certificate is longer; a device that never ends is. */
const longestBytes = 8 * 1024 * 1024

/** The text of a file, or of standard input where it is called `-`. Throws PluginError `FileUnreadable`. */
export async function readText(file: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    await using handle = file === '-' ? undefined : await open(file)
    const input = handle ? handle.createReadStream({ autoClose: false }) : process.stdin
    for await (const chunk of input as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > longestBytes) throw new PluginError('FileUnreadable', `${file} is longer than ${longestBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof PluginError) throw error
    const { code = 'unknown reason' } = error as { readonly code?: string }
    throw new PluginError('FileUnreadable', `${file} cannot be read: ${code}`, { cause: error })
  }
  return Buffer.concat(chunks).toString('utf8')
}
