import * as z from 'zod'
import { Certificates } from '../api/certificates.ts'
import { KeyServerSpec } from '../api/keyServer.ts'
import { tenantMounts } from '../api/names.ts'

const Image = z
  .strictObject({
    repository: z.string().min(1).describe('Registry and name.'),
    tag: z.string().describe("Tag; empty: the chart's appVersion."),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .describe('sha256:…; where it is set, the tag is not used.'),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).describe('When the kubelet pulls it.'),
  })
  .describe('A container image.')

const Resources = z.looseObject({}).describe('Resource requests and limits of the container.')

const Process = {
  replicas: z.number().int().min(1).max(10).describe('Number of pods.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).describe('Least level of the lines that are logged.'),
  resources: Resources,
  nodeSelector: z.record(z.string(), z.string()).describe('Labels of nodes that the pods may run on.'),
  tolerations: z.array(z.looseObject({})).describe('Taints of nodes that the pods tolerate.'),
  priorityClassName: z.string().describe('PriorityClass of the pods; empty: none.'),
}

/** The chart's values: unknown ones are refused, so a misspelt name is not silently a default. Defaults stand in values.yaml. */
export const ChartValues = z
  .strictObject({
    global: z.looseObject({}).optional().describe('Helm puts values of parent charts here; not used.'),
    image: Image.describe('Image of kes-injector itself.'),
    statefulImage: Image.describe('Image of the stateful KES (images/kes-stateful) for KeyServers that name none.'),
    serverImage: Image.describe(
      'Image of a current KES, with the program at /kes, for KeyServers of kind `server` that name none.',
    ),
    imagePullSecrets: z.array(z.strictObject({ name: z.string() })).describe('Secrets with registry credentials.'),
    clusterDomain: z.string().min(1).describe('DNS domain of the cluster.'),
    injection: z
      .strictObject({
        mode: z
          .enum(['Webhook', 'Policy'])
          .describe(
            'What connects MinIO objects. Webhook: pods of ours. Policy: a MutatingAdmissionPolicy inside the API server (Kubernetes 1.36 and later) and no webhook at all; see docs/how-to/policy-mode.md.',
          ),
      })
      .describe('How MinIO objects are connected.'),
    guard: z
      .strictObject({
        enabled: z
          .boolean()
          .describe(
            'Ships ValidatingAdmissionPolicies: MinIO objects without KES settings are refused in labelled namespaces, and so is the deletion of key material that was not confirmed (docs/how-to/delete-keys.md).',
          ),
      })
      .describe('Policies inside the API server, which cannot be down.'),
    webhook: z
      .strictObject({
        ...Process,
        failurePolicy: z
          .enum(['Fail', 'Ignore'])
          .describe(
            'Fail: while no webhook answers, MinIO objects in labelled namespaces are refused. Ignore: they are stored unconnected and MinIO writes unencrypted.',
          ),
        timeoutSeconds: z.number().int().min(1).max(5).describe('How long the API server waits for an answer.'),
        port: z
          .number()
          .int()
          .min(1024)
          .max(65_535)
          .describe(
            'Port of the container; open it from the control plane to the nodes where a firewall stands between.',
          ),
        excludedNamespaces: z
          .array(z.string())
          .describe('Namespaces that are never touched, labelled or not, besides the one of the release.'),
      })
      .describe('The admission webhook.'),
    controller: z.strictObject(Process).describe('The controller: one pod works, the others wait.'),
    networkPolicy: z
      .strictObject({
        enabled: z
          .boolean()
          .describe('Ships NetworkPolicies: KES is reachable from opted-in namespaces and the controller only.'),
        apiServerCidrs: z
          .array(z.string())
          .describe(
            'Where the API server calls the webhook from; empty: anywhere, since it usually has no pod address.',
          ),
      })
      .describe('Which pods may talk to which.'),
    keyServer: z
      .strictObject({
        create: z.boolean().describe('Makes the KeyServer called `default`.'),
        spec: z
          .strictObject({ ...KeyServerSpec.shape })
          .partial()
          .describe('Its spec; see `kubectl explain keyserver.spec`.'),
      })
      .describe('The key server of namespaces that choose none. It outlives `helm uninstall`: it holds keys.'),
    tenant: z
      .strictObject({
        mount: z
          .enum(tenantMounts)
          .describe(
            "How the identity reaches the pods of new Tenants: the operator's own list of client certificates (expiry shows in the Tenant's status; the operator then writes the Tenant every five seconds), or additionalVolumes (none of both; the key is mounted into every container of the pod). A namespace or Tenant chooses with the annotation kes-injector.io/mount. A connected Tenant keeps what it has.",
          ),
        certificates: z
          .strictObject({ ...Certificates.unwrap().shape })
          .describe('Certificates for Tenants whose KES the MinIO operator runs (spec.kes).'),
      })
      .describe('Tenants of the MinIO operator.'),
    workloadSecretNames: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'Names that Secrets in workload namespaces may have; the controller can read and write no others there.',
      ),
  })
  .describe('Values of the kes-injector chart.')
