import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Context } from '../../../src/injection/context.ts'
import { decide } from '../../../src/injection/decide.ts'
import { apply, type Operation } from '../../../src/injection/patch.ts'
import { tenant } from '../../fixtures/objects.ts'
import { context, tenantRequest } from '../../fixtures/requests.ts'
import { yamlBlocks } from '../../fixtures/yamlBlocks.ts'

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly spec?: { readonly ignoreDifferences?: readonly { readonly jqPathExpressions?: readonly string[] }[] }
  readonly data?: Readonly<Record<string, string>>
  readonly patches?: readonly { readonly patch: string }[]
}

const page = readFileSync(join(import.meta.dirname, '../../../docs/how-to/gitops.md'), 'utf8')
const manifests = yamlBlocks(page) as readonly Manifest[]
const ofKind = (kind: string): readonly Manifest[] => manifests.filter((each) => each.kind === kind)

describe('the manifests on the page about GitOps', () => {
  it('are all readable, and each says what it is', () => {
    expect(manifests.length).toBe(page.split('```yaml\n').length - 1)
    for (const { apiVersion, kind } of manifests) expect([apiVersion, kind]).not.toContain(undefined)
  })

  it('give Argo CD the same rules for one Application as for all', () => {
    const [one] = ofKind('Application').flatMap(({ spec }) => spec?.ignoreDifferences ?? [])
    const all = ofKind('ConfigMap')[0]?.data?.['resource.customizations.ignoreDifferences.minio.min.io_Tenant'] ?? ''
    expect(parse(all)).toEqual({ jqPathExpressions: one?.jqPathExpressions })
  })

  it('write into Git exactly what the webhook would', () => {
    const [{ patch } = { patch: '' }] = ofKind('Kustomization').flatMap(({ patches = [] }) => patches)
    const inStore: Context = {
      ...context,
      namespace: { ...context.namespace, name: 'store' },
      releaseNamespace: 'kes-injector',
    }
    const object = apply(tenant({}, {}, { namespace: 'store' }), parse(patch) as readonly Operation[])
    expect(decide(tenantRequest(object, { namespace: 'store' }), inStore).reason).toBe('AlreadyInjected')
  })
})
