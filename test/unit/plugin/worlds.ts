import type { KesIdentity } from '../../../src/api/kesIdentity.ts'
import type { KeyServer } from '../../../src/api/keyServer.ts'
import type { Namespace } from '../../../src/kube/resources.ts'
import type { ObservedObject } from '../../../src/plugin/explain/observe.ts'
import { askTenant } from '../../../src/plugin/explain/request.ts'
import { notAsked, type Installation } from '../../../src/plugin/installation.ts'
import { found } from '../../../src/plugin/seen.ts'
import type { Surroundings } from '../../../src/plugin/surroundings.ts'
import { context } from '../../fixtures/requests.ts'

export const now = new Date('2026-01-01T00:00:00Z')

const ready = [
  { type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime: now.toISOString() },
] as const

const spec = {
  keyPrefix: '{namespace}_',
  namespaces: { selector: {} },
  keys: [],
  certificates: { authority: '43800h', server: '2160h', client: '2160h', renewAt: 0.667 },
}

export const keyServer = {
  metadata: { name: 'default' },
  spec: { ...spec, stateful: {} },
  status: {
    endpoint: 'https://kes-default.kes-system.svc:7373',
    keys: ['team-a_minio'],
    authority: { fingerprint: 'f', notAfter: '2030-01-01T00:00:00Z', generation: 1 },
    replicas: [{ pod: 'kes-default-0', certificateNotAfter: '2026-03-01T00:00:00Z' }],
    conditions: ready,
  },
} as unknown as KeyServer

export const identity: KesIdentity = {
  metadata: { namespace: 'team-a', name: 'kes-client' },
  spec: { keyServerRef: { name: 'default' }, secretName: 'kes-client' },
  status: {
    identity: 'ab'.repeat(32),
    keyName: 'team-a_minio',
    notAfter: '2026-03-01T00:00:00Z',
    renewalTime: '2026-02-01T00:00:00Z',
    conditions: ready,
  },
} as unknown as KesIdentity

export const namespace: Namespace = {
  metadata: { name: 'team-a', resourceVersion: '7', labels: { 'kes-injector.io/inject': 'enabled' } },
}

export const installation: Installation = {
  webhookConfiguration: found({ metadata: { name: 'kes-injector' }, webhooks: [] }),
  mutatingPolicy: { is: 'missing' },
  releaseNamespace: 'kes-system',
  releaseNamespaceGuessed: false,
  webhookDeployment: { is: 'missing' },
  tenantMount: undefined,
  sidecarImage: { image: 'kes', pullPolicy: 'IfNotPresent' },
}

/** A namespace that opted in, with all that belongs to it. One difference per test. */
export const surroundings: Surroundings = {
  context,
  installation,
  namespace: found(namespace),
  identity: found(identity),
  secret: found({ metadata: { name: 'kes-client' } }),
  notAsked: undefined,
  assumptions: [],
}

/** The same without the label. */
export const unlabelled: Surroundings = {
  ...surroundings,
  context: { ...context, namespace: { ...context.namespace, labels: {} } },
  namespace: found({ metadata: { name: 'team-a', resourceVersion: '7' } }),
  notAsked: notAsked({ metadata: { name: 'team-a' } }, installation),
}

/** A Tenant as it is stored. */
export const storedTenant = (tenant: unknown): ObservedObject => ({
  subject: { kind: 'tenant', name: 'store' },
  from: 'cluster',
  question: askTenant(tenant, tenant, 'team-a'),
  stored: { metadata: { name: 'store', namespace: 'team-a', resourceVersion: '9' } },
  hidden: [],
  outOfSight: [],
  pods: [],
  events: [],
  tenantSecrets: [],
})
