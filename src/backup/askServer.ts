import { createHash } from 'node:crypto'
import type { KeyServer } from '../api/keyServer.ts'
import { keyServerWorkload, kesPort } from '../api/names.ts'
import { checkKey } from '../controller/keyServer/checkKey.ts'
import { connect, type StatefulKes } from '../kes/statefulClient.ts'
import type { PodStreams } from '../kube/podStreams.ts'
import type { Secret } from '../kube/resources.ts'
import type { KnownCiphertext } from './backup.ts'
import { BackupError } from './backupError.ts'
import { certificateIn, materialNames, pairIn } from './material.ts'

interface Edges {
  readonly streams: PodStreams
  readonly releaseNamespace: string
}

/** What a running key server itself says. */
export interface Asked {
  readonly known: KnownCiphertext
  readonly liveKeys: readonly string[]
}

/** A new data key of the check key, and the names of all keys, from the server itself. Its plaintext is hashed and forgotten. */
export async function askServer(edges: Edges, keyServer: KeyServer, material: readonly Secret[]): Promise<Asked> {
  return withKes(edges, keyServer, material, async (kes) => {
    const { plaintext, ciphertext } = await kes.generate(checkKey)
    const plaintextSha256 = createHash('sha256').update(plaintext).digest('hex')
    plaintext.fill(0)
    const liveKeys = (await kes.listKeys('*')).map(({ name }) => name)
    return { known: { key: checkKey, ciphertext: ciphertext.toString('base64'), plaintextSha256 }, liveKeys }
  })
}

async function withKes<T>(
  { streams, releaseNamespace }: Edges,
  keyServer: KeyServer,
  material: readonly Secret[],
  ask: (kes: StatefulKes) => Promise<T>,
): Promise<T> {
  const { authority, enclaveAdmin } = materialNames(keyServer)
  const [trusted, admin] = [certificateIn(material, authority), pairIn(material, enclaveAdmin)]
  if (trusted === undefined || !admin)
    throw new BackupError('Incomplete', 'the authority has no certificate, or the administrator no key pair')
  const workload = keyServerWorkload(keyServer.metadata.name)
  const forwarding = await streams.forward({ namespace: releaseNamespace, pod: `${workload}-0` }, kesPort)
  const kes = connect({
    endpoint: `https://${workload}.${releaseNamespace}.svc:${forwarding.port}`,
    lookupAddress: forwarding.address,
    ca: trusted,
    cert: admin.certificatePem,
    key: admin.keyPem,
    timeoutMs: 30_000,
  })
  try {
    return await ask(kes)
  } finally {
    kes.close()
    forwarding.close()
  }
}
