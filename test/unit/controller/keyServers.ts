import { KeyServerSpec, type KeyServer, type KeyServerStatus } from '../../../src/api/keyServer.ts'

/** A KeyServer as the API server stores it: every default written out. */
export const keyServer = (
  spec: object = {},
  status?: KeyServerStatus,
  metadata: Partial<KeyServer['metadata']> = {},
): KeyServer => ({
  apiVersion: 'kes-injector.io/v1alpha1',
  kind: 'KeyServer',
  metadata: { name: 'default', generation: 1, ...metadata },
  spec: KeyServerSpec.parse({
    stateful: { storage: { size: '1Gi' }, allowKeyCreation: false, acceptPredictableDataKeys: false },
    ...spec,
  }),
  ...(status === undefined ? {} : { status }),
})
