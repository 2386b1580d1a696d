import { annotations } from '../../api/names.ts'
import { isDeepStrictEqual } from 'node:util'
import type { Client } from '../../kube/client.ts'
import { secrets, type Secret } from '../../kube/resources.ts'
import { keyServerLabels, materialName } from '../keyServer/material.ts'
import { secretObject } from '../secretWriter.ts'
import type { WholeConfiguration } from './configuration.ts'
import type { Observed } from './observed.ts'

/** The Secret that the pods mount. Always all of it: KES must never see one part of a new configuration with another of the old. */
function configurationSecret(
  namespace: string,
  keyServer: string,
  { hash, keystoreHash, entries }: WholeConfiguration,
): Secret {
  const secret = secretObject({
    namespace,
    name: materialName(keyServer, 'config'),
    labels: keyServerLabels(keyServer),
    data: entries,
  })
  const said = { [annotations.configuration]: hash, [annotations.keystore]: keystoreHash }
  return { ...secret, metadata: { ...secret.metadata, annotations: said } }
}

/** What lies there, beside what is wanted. What somebody else wrote into it differs. */
export function writtenIn(secret: Secret | undefined, wanted: WholeConfiguration | undefined): Observed['written'] {
  if (!secret) return undefined
  const said = secret.metadata.annotations ?? {}
  const found = { hash: said[annotations.configuration] ?? '', keystoreHash: said[annotations.keystore] ?? '' }
  const data = wanted && configurationSecret('', '', wanted).data
  const same =
    !wanted ||
    (isDeepStrictEqual(secret.data, data) && found.hash === wanted.hash && found.keystoreHash === wanted.keystoreHash)
  return { ...found, differs: !same }
}

/** `Conflict` where somebody wrote since it was read. */
export async function writeConfiguration(
  client: Client,
  namespace: string,
  keyServer: string,
  wanted: WholeConfiguration,
): Promise<void> {
  const next = configurationSecret(namespace, keyServer, wanted)
  const current = await client.get(secrets, { namespace, name: next.metadata.name })
  if (!current) await client.create(secrets, next)
  else
    await client.update(secrets, {
      ...next,
      metadata: {
        ...current.metadata,
        labels: { ...current.metadata.labels, ...next.metadata.labels },
        annotations: { ...current.metadata.annotations, ...next.metadata.annotations },
      },
    })
}
