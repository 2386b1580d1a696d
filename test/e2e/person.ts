import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { yamlBlocks } from '../fixtures/yamlBlocks.ts'
import type { ClusterAccess } from '../fixtures/clusterAccess.ts'

interface Role {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

const page = join(import.meta.dirname, '../../docs/how-to/back-up-and-restore.md')

/** Somebody who may do what the page says under one name, and nothing else. Answers the path of a kubeconfig of theirs. */
export async function personOf(
  cluster: Pick<ClusterAccess, 'apply' | 'kubectl'>,
  kubeconfig: string,
  role: 'kes-injector-backup' | 'kes-injector-restore',
  folder: string,
): Promise<string> {
  const roles = (yamlBlocks(readFileSync(page, 'utf8')) as readonly Role[]).filter(
    ({ metadata }) => metadata.name === role,
  )
  const account = { kind: 'ServiceAccount', name: role, namespace: 'default' }
  const bindings = roles.map(({ kind, metadata }) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    subjects: [account],
  }))
  const { kind, ...metadata } = account
  await cluster.apply([{ apiVersion: 'v1', kind, metadata }, ...roles, ...bindings])
  const token = (await cluster.kubectl(['create', 'token', role, '-n', account.namespace])).trim()
  const { clusters, contexts, ...rest } = parse(readFileSync(kubeconfig, 'utf8')) as {
    readonly clusters: unknown
    readonly contexts: readonly { readonly name: string; readonly context: object }[]
  }
  const theirs = contexts.map(({ name, context }) => ({ name, context: { ...context, user: role } }))
  const path = join(folder, `${role}.kubeconfig`)
  writeFileSync(path, stringify({ ...rest, clusters, contexts: theirs, users: [{ name: role, user: { token } }] }))
  return path
}
