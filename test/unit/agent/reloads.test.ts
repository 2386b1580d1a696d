import { describe, expect, it } from 'vitest'
import { isKes, startOf } from '../../../src/agent/kesProcess.ts'
import { loadOf, shallReload, type Look } from '../../../src/agent/reloads.ts'

const bootedAt = 1_000_000
const kes = { pid: 7, startedAfterBootMs: 60_000 }
const mountedAt = (ms: number) => ({ digest: 'd', exchangedAt: bootedAt + ms })
const look: Look = { mounted: mountedAt(90_000), kes, bootedAt, listening: true }

describe('telling KES to reload', () => {
  it('happens once for what was exchanged after KES had started', () => {
    expect(shallReload(look, undefined)).toBe(true)
    expect(shallReload(look, loadOf(look))).toBe(false)
    expect(shallReload({ ...look, mounted: { ...look.mounted, digest: 'e' } }, loadOf(look))).toBe(true)
  })

  it.each<[string, Partial<Look>]>([
    ['of what KES has read at its start', { mounted: mountedAt(50_000) }],
    ['before KES listens', { listening: false }],
    ['where there is no KES', { kes: undefined }],
  ])('does not happen %s', (_what, more) => {
    expect(shallReload({ ...look, ...more }, undefined)).toBe(false)
  })

  it('happens where nobody can say whether KES has read it', () => {
    expect(shallReload({ ...look, mounted: mountedAt(59_800) }, undefined)).toBe(true)
  })
})

describe('finding KES', () => {
  const file = '/etc/kes/config/server-config.yaml'
  it('goes by its command line, whatever the image calls it', () => {
    expect(isKes(`/kes\0server\0--config\0${file}\0`, file)).toBe(true)
    expect(isKes(`/usr/bin/kes\0server\0--addr\0:7373\0--config\0${file}\0`, file)).toBe(true)
    expect(isKes(`/nodejs/bin/node\0/app/kes-injector.mjs\0agent\0--configuration\0${file}\0`, file)).toBe(false)
    expect(isKes(`/kes\0identity\0of\0${file}\0`, file)).toBe(false)
    expect(isKes('', file)).toBe(false)
  })

  it('reads when it started, whatever its name holds', () => {
    const fields = Array.from({ length: 50 }, (_, index) => (index === 19 ? '4711' : 'x')).join(' ')
    expect(startOf(`12 (a) b (c) ${fields}`)).toBe(47_110)
    expect(startOf('12 (kes) S 1')).toBeUndefined()
  })
})
