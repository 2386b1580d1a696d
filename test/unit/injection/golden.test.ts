import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { AdmissionRequest } from '../../../src/injection/context.ts'
import { decide } from '../../../src/injection/decide.ts'
import { apply } from '../../../src/injection/patch.ts'
import { inNamespace, podRequest, tenantRequest } from '../../fixtures/requests.ts'

interface Golden {
  readonly why: string
  readonly namespaceAnnotations?: Readonly<Record<string, string>>
  readonly object: { readonly kind: string }
  readonly oldObject?: unknown
  readonly reason: string
  /** The patch as it goes over the wire, byte for byte. */
  readonly patch: readonly string[]
}

const folder = join(import.meta.dirname, '../../fixtures/injection')
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
const goldens = files.map((file) => [file, parse(readFileSync(join(folder, file), 'utf8')) as Golden] as const)

const requestOf = ({ object, oldObject }: Pick<Golden, 'object' | 'oldObject'>): AdmissionRequest => {
  const change = oldObject === undefined ? {} : { operation: 'UPDATE', oldObject }
  return object.kind === 'Pod' ? podRequest(object, change) : tenantRequest(object, change)
}

describe('the patch of every version of ours', () => {
  it.each(goldens)('is, byte for byte, that of %s', (_file, golden) => {
    const context = inNamespace(golden.namespaceAnnotations ?? {})
    const request = requestOf(golden)
    const decision = decide(request, context)
    expect(decision.reason).toBe(golden.reason)
    const operations = decision.outcome === 'inject' ? decision.operations : []
    expect(operations.map((each) => JSON.stringify(each))).toEqual(golden.patch)
    if (operations.length === 0) return
    const object = apply(request.object, operations) as Golden['object']
    expect(decide(requestOf({ ...golden, object }), context).reason).toBe('AlreadyInjected')
  })
})
