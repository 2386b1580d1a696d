import fc from 'fast-check'
import { expect, it } from 'vitest'
import { found, missing } from '../../src/controller/found.ts'
import { issueLeaf } from '../../src/controller/leaf.ts'
import type { Observed } from '../../src/controller/tenant/observed.ts'
import { plan, type Step } from '../../src/controller/tenant/plan.ts'
import { identityOfSpki } from '../../src/kes/identity.ts'
import type { Authority } from '../../src/pki/authority.ts'
import { readPair } from '../../src/pki/pair.ts'
import { after, authorityFacts, dayMs, newAuthority, now } from '../unit/controller/pairs.ts'
import { fresh, handed } from '../unit/controller/tenant/worlds.ts'

/** What can happen between two actions. `crash`: what was planned was not carried out; the next round begins anew. */
const happening = fc.constantFrom(
  'act',
  'act',
  'act',
  'crash',
  'tenDaysPass',
  'loseClientSecret',
  'loseServerSecret',
  'loseKept',
  'loseAuthority',
  'scaleKes',
  'loseLabel',
)

/** The world that the reconciler acts on, in memory: the same actions, one Secret a name. */
function act(step: Step, world: Observed, authorities: Authority[], at: Date): Observed {
  const authority = authorities.at(-1)
  if (step.do === 'createAuthority') {
    const made = newAuthority(at)
    authorities.push(made)
    return { ...world, authority: found(authorityFacts(made)) }
  }
  if (!authority) throw new Error(`${step.do} without an authority`)
  const leaf = (stored: Observed['client'], usage: 'client' | 'server') => {
    const pem = issueLeaf(authority, stored, {
      commonName: 'model',
      usages: [usage],
      dnsNames: usage === 'server' ? world.dnsNames : [],
      lifetimeMs: 90 * dayMs,
      now: at,
    })
    return { ...readPair(pem), pem }
  }
  const withClient = (pair: ReturnType<typeof leaf>): Observed => ({
    ...world,
    client: found(pair),
    clientIdentity: identityOfSpki(pair.spki),
  })
  switch (step.do) {
    case 'createClient':
    case 'renewClient':
      return withClient(leaf(world.client, 'client'))
    case 'takeBackClient':
      if (world.handedClient.is !== 'ours' || world.handedClient.pair.is !== 'found') throw new Error('nothing there')
      return withClient(world.handedClient.pair.value)
    case 'issueServer':
      return {
        ...world,
        handedServer: handed(leaf(world.handedServer.is === 'ours' ? world.handedServer.pair : missing, 'server'), ''),
      }
    case 'handOutClient':
      if (world.client.is !== 'found') throw new Error('nothing to hand out')
      return { ...world, handedClient: handed(world.client.value, authority.certificatePem) }
  }
}

it('whatever is lost and whenever it dies, MinIO’s identity and the authority never change, and it comes to rest', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      let world = fresh
      let at = now
      const authorities: Authority[] = []
      const identities = new Set<string>()
      const round = (carryOut: boolean): boolean => {
        const { status, step } = plan(world, at)
        const still = JSON.stringify(status) === JSON.stringify(world.status)
        if (!carryOut) return false
        if (!still) world = { ...world, status }
        else if (step) world = act(step, world, authorities, at)
        for (const handedOut of [world.handedClient])
          if (handedOut.is === 'ours' && handedOut.pair.is === 'found')
            identities.add(identityOfSpki(handedOut.pair.value.spki))
        return still && !step
      }
      for (const each of happenings) {
        if (each === 'act') round(true)
        else if (each === 'crash') round(false)
        else if (each === 'tenDaysPass') at = after(10 * dayMs, at)
        else if (each === 'loseClientSecret') world = { ...world, handedClient: { is: 'missing' } }
        else if (each === 'loseServerSecret') world = { ...world, handedServer: { is: 'missing' } }
        else if (each === 'loseKept') world = { ...world, client: missing, clientIdentity: undefined }
        else if (each === 'loseAuthority') world = { ...world, authority: missing }
        else if (each === 'scaleKes')
          world = { ...world, dnsNames: [...world.dnsNames, `more-${world.dnsNames.length}`] }
        else world = { ...world, optedIn: false }
      }
      let rounds = 0
      while (!round(true)) expect(rounds++).toBeLessThan(30)
      // A second authority only where the first was lost before anything was recorded or issued; MinIO never saw two identities.
      expect(identities.size).toBeLessThanOrEqual(1)
      const { problem, authority, identity } = world.status
      if (problem === undefined && authority !== undefined) {
        expect(world.authority).toMatchObject({ is: 'found', value: { fingerprint: authority } })
        expect(world.clientIdentity).toBe(identity)
        expect(world.handedServer.is).toBe('ours')
        expect([...identities]).toEqual([identity])
      }
    }),
    { numRuns: 400 },
  )
})
