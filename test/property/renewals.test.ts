import { describe, expect, it } from 'vitest'
import { secretText } from '../../src/controller/found.ts'
import { secretObject } from '../../src/controller/secretWriter.ts'
import { secrets } from '../../src/kube/resources.ts'
import { readPair } from '../../src/pki/pair.ts'
import { renewalTime } from '../../src/pki/renewal.ts'
import { after, dayMs, hourMs, newAuthority, storedLeaf, type LeafWish } from '../unit/controller/pairs.ts'
import { leaves, startController, type ControllerWorld, type Leaf } from './controllerWorld.ts'

const minuteMs = 60_000

const kept = ['client', 'server', 'webhook'] as const
type Kept = (typeof kept)[number]
const lifetimeMs = { client: 90 * dayMs, server: 90 * dayMs, webhook: 30 * dayMs } as const
const seeds = { client: 'team-a/kes-client', server: 'default-server', webhook: 'kes-injector-webhook.kes-system.svc' }
const renewAt = 0.667
/** Which read of it is the last before it is written: the end of a client's certificate is recorded first. */
const lastLook = { client: 2, server: 1, webhook: 1 } as const

function pairOf({ client }: ControllerWorld, leaf: Leaf) {
  const secret = client.at(secrets, leaves[leaf])
  if (!secret) throw new Error(`there is no ${leaf}`)
  const pem = { certificatePem: secretText(secret, 'tls.crt') ?? '', keyPem: secretText(secret, 'tls.key') ?? '' }
  return { ...readPair(pem), pem }
}

/** The certificate as it is wanted, for the same key, but for one difference. */
async function spoil(world: ControllerWorld, leaf: Kept, wish: LeafWish & { readonly elsewhere?: boolean }) {
  const { key, usages, dnsNames } = pairOf(world, leaf)
  const { kes, webhook } = await world.authorities()
  const authority = wish.elsewhere ? newAuthority() : leaf === 'webhook' ? webhook : kes
  const at = world.clock.now()
  lay(world, leaf, storedLeaf(authority, { key, usages, dnsNames, at, lifetimeMs: lifetimeMs[leaf], ...wish }).pem)
}

function lay(
  { client }: ControllerWorld,
  leaf: Kept,
  pem: { readonly certificatePem: string; readonly keyPem: string },
) {
  const there = client.at(secrets, leaves[leaf])
  const { data } = secretObject({ ...leaves[leaf], data: { 'tls.crt': pem.certificatePem, 'tls.key': pem.keyPem } })
  if (there) client.place(secrets, { ...there, data: data ?? {} })
}

const differences: readonly (readonly [what: string, wish: LeafWish & { readonly elsewhere?: boolean }])[] = [
  ['other names', { dnsNames: ['other.example'] }],
  ['another use', { usages: ['server', 'client'], dnsNames: ['kes-default.kes-system.svc'] }],
  ['another issuer', { elsewhere: true }],
  ['a shorter life', { lifetimeMs: 2 * dayMs }],
  ['a longer life', { lifetimeMs: 400 * dayMs }],
]

describe.each(kept)('the certificate of the %s', (leaf) => {
  it.each(differences)('that has %s is issued again within a minute, for the same key', async (_what, wish) => {
    await using world = await startController()
    const before = pairOf(world, leaf)
    await spoil(world, leaf, wish)
    const spoilt = pairOf(world, leaf).pem.certificatePem
    const writes = world.client.writes.length
    await world.clock.advance(minuteMs)
    const next = pairOf(world, leaf)
    expect(next.pem.certificatePem).not.toBe(spoilt)
    expect(next.pem.keyPem).toBe(before.pem.keyPem)
    const { dnsNames, usages, issuer } = before
    expect(next).toMatchObject({ dnsNames, usages, issuer })
    expect(next.notAfter.getTime() - world.clock.now().getTime()).toBeGreaterThan(lifetimeMs[leaf] - 2 * minuteMs)
    const { namespace, name } = leaves[leaf]
    const ofLeaf = world.client.writes.slice(writes).filter((write) => write.endsWith(` secrets ${namespace}/${name}`))
    expect(ofLeaf, 'certificate and key in one write').toEqual([`update secrets ${namespace}/${name}`])
    expect(pairOf(world, 'handedOut').pem).toEqual(pairOf(world, 'client').pem)
  })

  it('is renewed within the minute in which its time has come, and not before', async () => {
    await using world = await startController()
    const before = pairOf(world, leaf)
    const due = renewalTime(before, renewAt, seeds[leaf])
    const fraction =
      (due.getTime() - before.notBefore.getTime()) / (before.notAfter.getTime() - before.notBefore.getTime())
    expect(Math.abs(fraction - renewAt)).toBeLessThanOrEqual(0.05)
    world.jump(due.getTime() - world.clock.now().getTime() - 2 * minuteMs, true)
    await world.clock.advance(minuteMs)
    expect(pairOf(world, leaf).pem).toEqual(before.pem)
    await world.clock.advance(2 * minuteMs)
    expect(pairOf(world, leaf).pem.certificatePem).not.toBe(before.pem.certificatePem)
    expect(pairOf(world, leaf).pem.keyPem).toBe(before.pem.keyPem)
  })

  it('is not written where another key lies by then: the key is looked at again before it is written', async () => {
    await using world = await startController()
    const { kes, webhook } = await world.authorities()
    const { usages, dnsNames } = pairOf(world, leaf)
    await spoil(world, leaf, { lifetimeMs: hourMs })
    const wish = { usages, dnsNames, at: world.clock.now(), lifetimeMs: lifetimeMs[leaf] }
    const others = storedLeaf(leaf === 'webhook' ? webhook : kes, wish).pem
    let reads = 0
    world.onRead((name) => {
      if (name === leaves[leaf].name && ++reads === lastLook[leaf]) lay(world, leaf, others)
    })
    await world.clock.advance(minuteMs)
    expect(reads).toBeGreaterThan(lastLook[leaf])
    expect(pairOf(world, leaf).pem).toEqual(others)
    const refused = world.log.flatMap(({ fields: { error } }) => (error instanceof Error ? [error.message] : []))
    expect(refused.join()).toContain('holds another key than was renewed')
  })
})

describe('a certificate of an hour', () => {
  it('is renewed again and again for a day, with one key and without a gap', async () => {
    await using world = await startController({ server: '1h', client: '1h' })
    const before = world.identities()
    const seen = new Set<string>()
    for (let halfHours = 0; halfHours < 48; halfHours++) {
      world.jump(29 * minuteMs, true)
      await world.clock.advance(minuteMs)
      for (const leaf of ['client', 'handedOut', 'server'] as const) {
        const { certificate, notAfter } = pairOf(world, leaf)
        if (leaf === 'client') seen.add(certificate.serialNumber)
        expect(notAfter > after(5 * minuteMs, world.clock.now())).toBe(true)
      }
    }
    expect(seen.size).toBeGreaterThan(20)
    expect(world.identities()).toEqual(before)
  })
})
