import { setTimeout as delay } from 'node:timers/promises'
import { clientSecretName } from '../../src/api/names.ts'
import { foundPair } from '../../src/controller/found.ts'
import { identityOfSpki } from '../../src/kes/identity.ts'
import { secrets } from '../../src/kube/resources.ts'
import type { E2eCluster } from './cluster.ts'

const everyMs = 100

/** What was seen of a Secret that is looked at ten times a second. */
export interface Sampled {
  readonly whole: number
  /** It was not there: somebody had deleted it. */
  readonly absent: number
  /** Neither a pair nor what the test itself had laid there. */
  readonly broken: readonly string[]
  readonly identities: ReadonlySet<string>
  readonly certificates: ReadonlySet<string>
}

/** Looks at the pair that a namespace was given until it is ended. What `isOurDoing` knows is not counted. */
export function samplePair({ client }: E2eCluster, namespace: string, isOurDoing: (certificate: string) => boolean) {
  const seen = { whole: 0, absent: 0, broken: [] as string[] }
  const [identities, certificates] = [new Set<string>(), new Set<string>()]
  const ending = new AbortController()
  const look = async (): Promise<void> => {
    const secret = await client.get(secrets, { namespace, name: clientSecretName })
    const pair = foundPair(secret)
    if (pair.is === 'missing') seen.absent++
    else if (pair.is === 'found') {
      seen.whole++
      identities.add(identityOfSpki(pair.value.spki))
      certificates.add(pair.value.pem.certificatePem)
    } else if (!isOurDoing(secret?.data?.['tls.crt'] ?? '')) seen.broken.push(pair.why)
  }
  const sampling = (async () => {
    while (!ending.signal.aborted) {
      await look()
      await delay(everyMs)
    }
  })()
  return {
    end: async (): Promise<Sampled> => {
      ending.abort()
      await sampling
      return { ...seen, identities, certificates }
    },
  }
}
