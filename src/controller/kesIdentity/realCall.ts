import type { Kes } from '../../kes/kes.ts'
import { KesError } from '../../kes/kesError.ts'

export type RealCall = 'succeeded' | { readonly failed: string }

/** Makes a data key and opens it again, as MinIO does at every write and read. What KES refuses is the answer, not an error. */
export async function realCall(kes: Pick<Kes, 'generate' | 'decrypt'>, keyName: string): Promise<RealCall> {
  try {
    const { plaintext, ciphertext } = await kes.generate(keyName)
    const opened = await kes.decrypt(keyName, ciphertext)
    return opened.equals(plaintext) ? 'succeeded' : { failed: 'the data key came back different' }
  } catch (error) {
    if (error instanceof KesError) return { failed: error.message }
    throw error
  }
}

/** A connection that is refused is an answer to the try as well. */
export async function tried(call: () => Promise<RealCall>): Promise<RealCall> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof KesError) return { failed: error.message }
    throw error
  }
}
