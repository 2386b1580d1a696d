import { KesIdentitySpec, type KesIdentity } from '../../../src/api/kesIdentity.ts'

/** A KesIdentity as the API server stores it: every default written out. */
export const kesIdentity = (spec: object = {}, metadata: Partial<KesIdentity['metadata']> = {}): KesIdentity => ({
  apiVersion: 'kes-injector.io/v1alpha1',
  kind: 'KesIdentity',
  metadata: { name: 'kes-client', namespace: 'team-a', generation: 1, ...metadata },
  spec: KesIdentitySpec.parse({ keyServerRef: { name: 'default' }, ...spec }),
})
