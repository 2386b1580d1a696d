import { kesPort, labels } from '../../api/names.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { withHash } from './applied.ts'
import { selector, workloadMetadata } from './service.ts'

/**
 * Lets in who has an identity of this server, and the controller: whoever reaches a KES can try to speak to it. Namespaces are listed
 * by name, not by the label that opts in: taking that label away must not cut a running MinIO off from what it wrote.
 *
 * A stateful KES calls nobody. One before a key store must reach it, wherever that is: its way out stays open.
 */
export function networkPolicyOf(
  { metadata: { name }, spec }: KeyServer,
  releaseNamespace: string,
  namespaces: readonly string[],
): KubeObject {
  const controller = { matchLabels: { [labels.name]: 'kes-injector', [labels.component]: 'controller' } }
  const clients = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] }
  return withHash({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: workloadMetadata(name, releaseNamespace),
    spec: {
      podSelector: { matchLabels: selector(name) },
      policyTypes: spec.server ? ['Ingress'] : ['Ingress', 'Egress'],
      ingress: [
        {
          ports: [{ protocol: 'TCP', port: kesPort }],
          from: [{ podSelector: controller }, ...(namespaces.length > 0 ? [{ namespaceSelector: clients }] : [])],
        },
      ],
      ...(spec.server ? {} : { egress: [] }),
    },
  } as KubeObject)
}
