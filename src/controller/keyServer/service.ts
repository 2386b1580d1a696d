import { keyServerWorkload, kesPort, labels } from '../../api/names.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { withHash } from './applied.ts'
import { keyServerLabels } from './material.ts'

/** What the pods of a key server carry, and what finds them. */
export const selector = (keyServer: string) => ({ [labels.name]: 'kes-injector', ...keyServerLabels(keyServer) })

/** Name, namespace and labels of the objects that make up a key server. */
export function workloadMetadata(keyServer: string, namespace: string) {
  return {
    namespace,
    name: keyServerWorkload(keyServer),
    labels: { ...selector(keyServer), [labels.managedBy]: 'kes-injector' },
  }
}

/** The Service that MinIO dials. Its address stays the same through every restart, so no client has to look it up again. */
export const serviceOf = ({ metadata: { name } }: KeyServer, releaseNamespace: string): KubeObject =>
  withHash({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: workloadMetadata(name, releaseNamespace),
    spec: {
      type: 'ClusterIP',
      selector: selector(name),
      ports: [{ name: 'kes', port: kesPort, targetPort: 'kes', protocol: 'TCP' }],
    },
  } as KubeObject)

/** Names in the certificate that KES serves: the first is the one that MinIO dials. */
export function dnsNamesOf(keyServer: string, releaseNamespace: string, clusterDomain: string): readonly string[] {
  const service = keyServerWorkload(keyServer)
  return [
    `${service}.${releaseNamespace}.svc`,
    `${service}.${releaseNamespace}.svc.${clusterDomain}`,
    `${service}.${releaseNamespace}`,
    service,
  ]
}
