import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { yamlBlocks } from '../fixtures/yamlBlocks.ts'
import { webhookRounds } from './admissionRounds.ts'
import { threeWayDiff, type IgnoreRule } from './argoDiff.ts'
import { kesVariables, ourReference, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'
import { webhookCalls } from './webhookCalls.ts'

const cluster = useApiServer()
const project = join(import.meta.dirname, '../..')

const region = { name: 'MINIO_REGION', value: 'here' }
const ldap = { name: 'ldap-client', type: 'kubernetes.io/tls' }
const lists = { env: [region], externalClientCertSecrets: [ldap] }
const serverSide = ['--server-side', '--field-manager=gitops']

async function stored(namespace: string, name: string) {
  const found = await cluster.client.get(tenants, { namespace, name })
  if (!found) throw new Error(`Tenant ${name} is not there`)
  return found
}

const forMs = 10_000
const everyMs = 500

/** Applies the same object at a steady pace, as a GitOps tool does, and collects what is stored after each time. */
async function keepApplying(manifest: ReturnType<typeof tenant>, flags: readonly string[]) {
  const { name, namespace = '' } = manifest.metadata as { name: string; namespace?: string }
  const seen: Awaited<ReturnType<typeof stored>>[] = []
  const startMs = performance.now()
  for (let turn = 1; performance.now() - startMs < forMs; turn++) {
    await cluster.apply([manifest], ...flags)
    seen.push(await stored(namespace, name))
    await delay(Math.max(0, startMs + turn * everyMs - performance.now()))
  }
  return seen
}

describe.each([
  ['server-side apply', serverSide],
  ['server-side apply that forces conflicts', [...serverSide, '--force-conflicts']],
])('a Tenant whose lists belong whole to a %s every half second, beside one that kubectl applies', (_, flags) => {
  it('is stored connected each time, and neither generation nor patches grow beyond the writes', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const namespace = own.name
    const before = await webhookCalls(cluster)
    const both = await Promise.all([
      keepApplying(tenant(namespace, lists, { name: 'owned' }), flags),
      keepApplying(tenant(namespace, lists, { name: 'by-hand' }), []),
    ])
    for (const seen of both) {
      expect(seen.length).toBeGreaterThan(5)
      for (const { spec, metadata } of seen) {
        expect(spec.externalClientCertSecrets).toEqual([ldap, ourReference])
        expect(spec.env).toEqual([region, ...kesVariables(namespace, 1)])
        expect(metadata.generation).toBe(1)
      }
      // After the second nothing is written any more, not even who owns what.
      expect(new Set(seen.slice(1).map(({ metadata }) => metadata.resourceVersion)).size).toBe(1)
    }
    const writes = webhookRounds(cluster.tier.auditLog, { resource: 'tenants', namespace })
    expect(writes.length).toBeGreaterThan(10)
    const calls = writes.flat()
    expect(calls.filter(({ mutated }) => mutated).length).toBeLessThanOrEqual(writes.length)
    expect(calls.filter(({ round }) => round > 0)).toEqual([])
    // Two metrics count each call: answers and tries.
    expect((await webhookCalls(cluster)) - before).toBe(2 * writes.length)
  })
})

describe('a Tenant that two tools apply, one on the server and one not,', () => {
  it('belongs to the one that wrote last: the other must force, and nothing of ours moves', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const manifest = tenant(own.name, lists)
    await cluster.apply([manifest], ...serverSide)
    await cluster.apply([manifest])
    expect(await refusal(cluster.apply([manifest], ...serverSide))).toContain('conflict')
    await cluster.apply([manifest], ...serverSide, '--force-conflicts')
    const { spec, metadata } = await stored(own.name, 'store')
    expect(spec.env).toEqual([region, ...kesVariables(own.name, 1)])
    expect(metadata.generation).toBe(1)
  })
})

const page = readFileSync(join(project, 'docs/how-to/gitops.md'), 'utf8')

interface Application {
  readonly kind: string
  readonly spec: { readonly ignoreDifferences?: readonly IgnoreRule[] }
}
const applications = yamlBlocks(page)
  .map((each) => each as Application)
  .filter(({ kind }) => kind === 'Application')

describe('a tool that compares Git with the cluster', () => {
  const byVolume = { annotations: { 'kes-injector.io/mount': 'additionalVolumes' } }
  const volumes = {
    env: [region],
    additionalVolumes: [{ name: 'own', emptyDir: {} }],
    additionalVolumeMounts: [{ name: 'own', mountPath: '/own' }],
  }
  const operatorsKes = {
    env: [region],
    kes: { kesSecret: { name: 'kes-configuration' } },
    externalCaCertSecret: [ldap],
  }

  /** Tenants as they stand in Git, and which of their fields a tool sees differ. */
  const inGit = (namespace: string) => [
    {
      manifest: tenant(namespace, lists, { name: 'with-lists' }),
      differs: ['/spec/env', '/spec/externalClientCertSecrets'],
    },
    { manifest: tenant(namespace, {}, { name: 'without-lists' }), differs: [] },
    {
      manifest: tenant(namespace, volumes, { name: 'with-volumes', ...byVolume }),
      differs: ['/spec/env', '/spec/additionalVolumes', '/spec/additionalVolumeMounts'],
    },
    {
      manifest: tenant(namespace, operatorsKes, { name: 'with-kes' }),
      differs: ['/spec/env', '/spec/externalCaCertSecret'],
    },
  ]

  it('in three ways, as Argo CD does by itself, sees our entries without the rules of the page and nothing with them', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const rules = applications.flatMap(({ spec }) => spec.ignoreDifferences ?? [])
    expect(rules.length).toBeGreaterThan(0)
    for (const { manifest, differs } of inGit(own.name)) {
      await cluster.apply([manifest])
      const live = await stored(own.name, manifest.metadata.name)
      expect(threeWayDiff(manifest, live, [])).toEqual(differs)
      expect(threeWayDiff(manifest, live, rules)).toEqual([])
    }
  })

  it('still sees with these rules what somebody changed by hand in the same lists', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const manifest = tenant(own.name, lists)
    const rules = applications.flatMap(({ spec }) => spec.ignoreDifferences ?? [])
    await cluster.apply([manifest])
    const elsewhere = { env: [{ name: 'MINIO_REGION', value: 'elsewhere' }] }
    await cluster.client.mergePatch(tenants, { namespace: own.name, name: 'store' }, { spec: elsewhere })
    expect(threeWayDiff(manifest, await stored(own.name, 'store'), rules)).toEqual(['/spec/env'])
  })

  it('by a server-side dry-run, as Flux does and Argo CD can, sees nothing without any rule', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    for (const { manifest } of inGit(own.name)) {
      await cluster.apply([manifest], ...serverSide)
      // kubectl diff ends with 1 where there is a difference.
      const args = ['diff', ...serverSide, '-f', '-']
      expect(await cluster.kubectl(args, { stdin: JSON.stringify(manifest) })).toBe('')
    }
  })

  it('sees nothing in the chart itself: the caBundle is no field of its', async () => {
    const chart = await cluster.helm(['get', 'manifest', 'kes-injector', '-n', 'kes-injector'])
    expect(chart).toContain('MutatingWebhookConfiguration')
    const forced = [...serverSide, '--force-conflicts']
    expect(await cluster.kubectl(['diff', ...forced, '-f', '-'], { stdin: chart })).toBe('')
  })
})

describe('a Tenant in a Helm chart', () => {
  it('stays connected through upgrades; its generation grows only where the chart changes it', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const namespace = own.name
    const chart = join(cluster.tier.folder, `chart-${namespace}`)
    mkdirSync(join(chart, 'templates'), { recursive: true })
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: store\nversion: 0.0.1\n')
    const release = async (verb: string, image: string) => {
      writeFileSync(join(chart, 'templates/tenant.yaml'), JSON.stringify(tenant(namespace, { ...lists, image })))
      await cluster.helm([verb, 'store', chart, '-n', namespace])
      const { spec, metadata } = await stored(namespace, 'store')
      expect(spec.externalClientCertSecrets).toEqual([ldap, ourReference])
      expect(spec.env).toEqual([region, ...kesVariables(namespace, 1)])
      return metadata.generation
    }
    expect(await release('install', 'minio')).toBe(1)
    expect(await release('upgrade', 'minio')).toBe(1)
    expect(await release('upgrade', 'minio:next')).toBe(2)
    expect(await release('upgrade', 'minio:next')).toBe(2)
  })
})
