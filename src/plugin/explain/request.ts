import { annotations, enabled } from '../../api/names.ts'
import type { AdmissionRequest } from '../../injection/context.ts'
import { isObject, memberAt, textAt, type JsonObject } from '../../minio/shape.ts'
import { tenantGroup, tenantKind, tenantResource } from '../../minio/tenant.ts'

/** The admission request whose answer explains an object, and in what case it would be made. */
export interface Question {
  readonly request: AdmissionRequest
  readonly asked: string
}

/** A pod as if it were created now: what is decided at its creation holds for its life. */
export const askPod = (pod: unknown, namespace: string): Question => ({
  request: {
    operation: 'CREATE',
    group: '',
    resource: 'pods',
    kind: 'Pod',
    subResource: '',
    namespace,
    name: textAt(pod, 'metadata', 'name') ?? '',
    object: withKind(pod, 'Pod'),
    oldObject: null,
  },
  asked: 'if the pod were created now',
})

/** A Tenant as it would be created, or written over what is stored. */
export const askTenant = (tenant: unknown, stored: unknown, namespace: string): Question => ({
  request: {
    operation: stored === undefined ? 'CREATE' : 'UPDATE',
    group: tenantGroup,
    resource: tenantResource,
    kind: tenantKind,
    subResource: '',
    namespace,
    name: textAt(tenant, 'metadata', 'name') ?? '',
    object: withKind(tenant, tenantKind),
    oldObject: stored ?? null,
  },
  asked: stored === undefined ? 'if the Tenant were created now' : 'when the Tenant is written the next time',
})

/** The same Tenant, adopted. */
export function askAdoption({ request }: Question): Question {
  const { object } = request
  const metadata = memberAt(object, 'metadata')
  const former = memberAt(metadata, 'annotations')
  const adopted = {
    ...(isObject(object) ? object : {}),
    metadata: {
      ...(isObject(metadata) ? metadata : {}),
      annotations: { ...(isObject(former) ? former : {}), [annotations.inject]: enabled },
    },
  }
  return {
    request: { ...request, object: adopted },
    asked: `if the Tenant were adopted (${annotations.inject}: ${enabled})`,
  }
}

/** The pod that a StatefulSet or Deployment makes of its template, with the owner by which the operator's pods are known. */
export function podOfTemplate(workload: unknown, kind: 'StatefulSet' | 'Deployment', namespace: string): JsonObject {
  const name = textAt(workload, 'metadata', 'name') ?? ''
  const metadata = memberAt(workload, 'spec', 'template', 'metadata')
  const owner = { apiVersion: 'apps/v1', kind: kind === 'StatefulSet' ? kind : 'ReplicaSet', name, controller: true }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(isObject(metadata) ? metadata : {}),
      generateName: `${name}-`,
      namespace,
      ownerReferences: [owner],
    },
    spec: memberAt(workload, 'spec', 'template', 'spec'),
  }
}

const withKind = (object: unknown, kind: string): unknown => (isObject(object) ? { ...object, kind } : object)
