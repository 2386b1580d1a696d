import { join } from 'node:path'
import { openCluster, releaseNamespace, type ClusterAccess } from '../fixtures/clusterAccess.ts'
import { tenantCrd } from '../fixtures/tenantCrd.ts'
import { startControlPlane } from '../rig/controlPlane/controlPlane.ts'
import { until } from '../rig/waiting.ts'

const chart = join(import.meta.dirname, '../../charts/kes-injector')

/** A control plane of one file's own, with the chart in it: for tests that would take something away from all the others. */
export interface OwnApiServer extends ClusterAccess, AsyncDisposable {
  readonly kubeconfig: string
  readonly folder: string
  readonly auditLog: string
  readonly chart: string
}

/** Starts it and installs the chart with these values (`--set`). No process of ours runs in it. */
export async function startOwnApiServer(...values: readonly string[]): Promise<OwnApiServer> {
  const controlPlane = await startControlPlane()
  const access = openCluster(controlPlane)
  const stop = async (): Promise<void> => {
    access.client.close()
    await controlPlane.stop()
  }
  try {
    await access.apply([tenantCrd])
    const set = values.flatMap((value) => ['--set', value])
    await access.helm(['install', 'kes-injector', chart, '-n', releaseNamespace, '--create-namespace', ...set])
  } catch (error) {
    await stop()
    throw error
  }
  const { kubeconfig, folder, auditLog } = controlPlane
  return { ...access, kubeconfig, folder, auditLog, chart, [Symbol.asyncDispose]: stop }
}

/** What the API server makes of an object that it is asked to store and does not: a dry-run through all of admission. */
export type Tried<T> =
  { readonly stored: T; readonly refused?: never } | { readonly refused: string; readonly stored?: never }

export async function tryOut<T>(access: ClusterAccess, verb: 'create' | 'replace', object: object): Promise<Tried<T>> {
  try {
    const args = [verb, '--dry-run=server', '-o', 'json', '-f', '-']
    return { stored: JSON.parse(await access.kubectl(args, { stdin: JSON.stringify(object) })) as T }
  } catch (error) {
    return { refused: String(error) }
  }
}

/** A policy counts a moment after it is stored: waits until something that it must refuse is refused. */
export async function untilRefused(access: ClusterAccess, object: object, says: string): Promise<void> {
  await until(async () => (await tryOut(access, 'create', object)).refused?.includes(says) || undefined, {
    what: `the API server to say ${says}`,
    timeoutMs: 60_000,
    everyMs: 200,
  })
}
