import { KesError } from '../../kes/kesError.ts'
import type { StatefulKes } from '../../kes/statefulClient.ts'

export type RealCall = 'succeeded' | { readonly failed: string }

/** Makes a data key and opens it again, as MinIO does at every write and read. What KES refuses is the answer, not an error. */
export async function realCall(kes: Pick<StatefulKes, 'generate' | 'decrypt'>, keyName: string): Promise<RealCall> {
  try {
    const { plaintext, ciphertext } = await kes.generate(keyName)
    const opened = await kes.decrypt(keyName, ciphertext)
    return opened.equals(plaintext) ? 'succeeded' : { failed: 'the data key came back different' }
  } catch (error) {
    if (error instanceof KesError) return { failed: error.message }
    throw error
  }
}
