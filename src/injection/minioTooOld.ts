import { createsKeyAtStart } from '../minio/release.ts'
import type { Context } from './context.ts'
import { deny, type Deny } from './decision.ts'
import { quoted } from './keyChoice.ts'

/**
 * A MinIO that creates its key at every start, at a stateful KES that lets it: the first start after a restart of KES replaces the key,
 * and everything encrypted with it is lost (facts: KES 0.2). Where MinIO may not create keys its attempt is refused, and it goes on
 * (MinIO cmd/common-main.go of then takes "not allowed" for no failure): so nothing but the two together is refused.
 */
export function minioTooOld(image: string | undefined, { keyServer }: Context): Deny | undefined {
  if (image === undefined || keyServer === 'unknown' || !keyServer.spec.stateful?.allowKeyCreation) return undefined
  if (!createsKeyAtStart(image)) return undefined
  return deny(
    'MinioTooOld',
    `${quoted(image)} creates its key at every start, and the KeyServer ${quoted(keyServer.name)} would replace the key that it has ` +
      '(spec.stateful.allowKeyCreation): everything encrypted would be lost. Take a MinIO of 2024-05-10 or later, or set allowKeyCreation to false.',
  )
}
