import { readFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { ApiError } from './apiError.ts'
import type { Connection, Credentials } from './connection.ts'

/** Where the kubelet puts a pod's service account (Kubernetes: "Accessing the API from a Pod"). */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server as a pod finds it: by the variables that the kubelet sets and the pod's service account. Undefined
 * outside of pods and where `KUBECONFIG` names something else: see connection.ts, whose library costs 30 MiB and 0.1 s
 * for what a pod never needs.
 */
export function podConnection(
  environment: Readonly<Record<string, string | undefined>>,
  directory = serviceAccount,
): Connection | undefined {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  if (KUBECONFIG || !host || !port) return undefined
  const origin = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
  if (!URL.canParse(origin)) throw new ApiError('BadConfiguration', 'KUBERNETES_SERVICE_HOST and _PORT name no server')
  return {
    server: new URL(origin),
    namespace: namespaceIn(directory),
    credentials: () => readCredentials(directory),
  }
}

function namespaceIn(directory: string): string {
  try {
    return readFileSync(join(directory, 'namespace'), 'utf8').trim()
  } catch (cause) {
    throw new ApiError('BadConfiguration', 'the pod has no service account', { cause })
  }
}

async function readCredentials(directory: string): Promise<Credentials> {
  try {
    const [ca, token] = await Promise.all(['ca.crt', 'token'].map((file) => readFile(join(directory, file), 'utf8')))
    return { tls: { ca }, headers: { Authorization: `Bearer ${token?.trim()}` } }
  } catch (cause) {
    throw new ApiError('BadConfiguration', 'cannot read the service account of the pod', { cause })
  }
}
