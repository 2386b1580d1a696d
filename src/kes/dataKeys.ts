import { unseededStream } from './unseededStream.ts'

/**
 * How many of a server's data keys since its start are looked through. MinIO may have asked for data keys before the controller could:
 * at a hundred writes a second this is eleven minutes.
 */
const mostDataKeys = 65_536
const dataKeyBytes = 32

let known: Buffer | undefined

/**
 * Whether anybody can compute this data key, and so every other one of this server: a KES v0.19.2 … 2023-02 takes them from `math/rand`,
 * which is not seeded when it was built with Go before 1.20 (KES `server-key-api.go`), so after every start it gives the same ones.
 * The first call takes some milliseconds.
 */
export function isPredictable(plaintext: Buffer): boolean {
  known ??= unseededStream(mostDataKeys * dataKeyBytes)
  return plaintext.length === dataKeyBytes && known.includes(plaintext)
}
