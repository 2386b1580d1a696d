import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { QuietApiServer } from './quietApiServer.ts'

const mountPoint = '/run/secrets/kubernetes.io/serviceaccount'
// The shell becomes the program, which keeps its process id; /var/run is a link to /run.
const script = `mount -t tmpfs none /run && mkdir -p ${mountPoint} && mount --bind "$0" ${mountPoint} && exec "$@"`
const ownMounts = ['unshare', '--mount', '--map-root-user', 'sh', '-c']

/** Whether this machine lets a process have mounts of its own. */
export const hasOwnMounts = (): boolean => spawnSync('unshare', ['--mount', '--map-root-user', 'true']).status === 0

/** A program as in a pod: where its service account lies, and how it finds the API server. */
export interface InPod {
  /** Words before the command. */
  readonly prefix: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** Writes a service account into the folder, for a program that shall find it where the kubelet puts it. */
export function inPod({ address, authorityPem, token }: QuietApiServer, folder: string): InPod {
  const directory = join(folder, 'serviceaccount')
  mkdirSync(directory)
  for (const [name, content] of Object.entries({ token, 'ca.crt': authorityPem, namespace: 'kes-system' }))
    writeFileSync(join(directory, name), content, { mode: 0o600 })
  return {
    prefix: [...ownMounts, script, directory],
    environment: { KUBERNETES_SERVICE_HOST: address.host, KUBERNETES_SERVICE_PORT: String(address.port) },
  }
}
