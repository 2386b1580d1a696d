import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KeyServer } from '../../../../src/api/keyServer.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { certificateRequests } from '../../../../src/controller/issuance/certificateRequests.ts'
import { secretObject } from '../../../../src/controller/secretWriter.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { keyServers, secrets } from '../../../../src/kube/resources.ts'
import { issue, type Authority } from '../../../../src/pki/authority.ts'
import { parsePrivateKey } from '../../../../src/pki/privateKey.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { after, authorityFacts, dayMs, newAuthority, now } from '../pairs.ts'
import { conditionOf, handedOut, newCluster, run, type Cluster } from './reconcilerWorld.ts'

const company = newAuthority()
const issuerRef = { name: 'company', kind: 'ClusterIssuer', group: 'cert-manager.io' }
const held = (type: string) => ({ type, status: 'True', reason: 'r', message: 'm', lastTransitionTime: '' }) as const
const server: KeyServer = keyServer(
  { certificates: { issuerRef } },
  {
    authority: { fingerprint: authorityFacts(company).fingerprint, notAfter: '', generation: 1 },
    keys: ['team-a_minio'],
    conditions: [held('Ready'), held('Serving')],
  },
)

function cluster(): Cluster {
  const made = newCluster(kesIdentity())
  made.client.place(keyServers, server)
  made.client.place(
    secrets,
    secretObject({
      namespace: 'kes-system',
      name: 'kes-default-authority-1',
      data: { 'tls.crt': company.certificatePem },
    }),
  )
  return made
}

const keptOf = ({ client }: Cluster) => {
  const secret = client.at(secrets, { namespace: 'kes-system', name: 'identity.team-a.kes-client' })
  const [certificate, key] = ['tls.crt', 'tls.key'].map((each) => secret && secretText(secret, each))
  if (certificate === undefined || key === undefined) throw new Error('there is no pair')
  return { certificate, key }
}

function sign({ client }: Cluster, kept: { readonly key: string }, authority: Authority, at = now): void {
  const name = client.writes
    .filter((each) => each.startsWith('create certificaterequests'))
    .at(-1)
    ?.split('/')
    .at(-1)
  const request = client.at(certificateRequests, { namespace: 'kes-system', name: name ?? '' })
  if (!request) throw new Error('nothing was asked')
  const leaf = issue(authority, {
    commonName: 'client',
    usages: ['client'],
    key: createPublicKey(parsePrivateKey(kept.key)),
    lifetimeMs: 30 * dayMs,
    now: at,
  })
  client.place(certificateRequests, {
    ...request,
    status: {
      certificate: Buffer.from(leaf).toString('base64'),
      ca: Buffer.from(authority.certificatePem).toString('base64'),
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  })
}

describe('an identity whose certificate an issuer elsewhere signs', () => {
  it('is made and asked for, and enrolled nowhere and handed out to nobody until there is an answer', async () => {
    const world = cluster()
    await run(world, 'team-a/kes-client')
    expect(handedOut(world)).toBeUndefined()
    expect(world.kes.calls.filter((call) => /assign|write|generate/.test(call))).toEqual([])
    expect(conditionOf(world, 'kes-client', 'Issued')).toMatchObject({ status: 'False', reason: 'IssuerPending' })
    expect(conditionOf(world, 'kes-client')).toMatchObject({ status: 'False', reason: 'IssuerPending' })
  })

  it('is handed out with the key that was made here, and the root of the issuer', async () => {
    const world = cluster()
    await run(world, 'team-a/kes-client')
    const first = keptOf(world)
    sign(world, first, company)
    await run(world, 'team-a/kes-client')
    const secret = handedOut(world)
    expect(secret && secretText(secret, 'tls.key')).toBe(first.key)
    expect(secret && secretText(secret, 'ca.crt')).toBe(company.certificatePem)
    expect(secret && identityOf(secretText(secret, 'tls.crt') ?? '')).toBe(identityOf(first.certificate))
    expect(conditionOf(world, 'kes-client')).toMatchObject({ status: 'True' })
  })

  it('is renewed with the same key, and works on while the issuer is away', async () => {
    const world = cluster()
    await run(world, 'team-a/kes-client')
    const first = keptOf(world)
    sign(world, first, company)
    await run(world, 'team-a/kes-client')
    const before = keptOf(world)
    const late = after(25 * dayMs)
    await run(world, 'team-a/kes-client', late)
    expect(conditionOf(world, 'kes-client')).toMatchObject({ status: 'True' })
    sign(world, before, company, late)
    await run(world, 'team-a/kes-client', late)
    expect(keptOf(world).certificate).not.toBe(before.certificate)
    expect(keptOf(world).key).toBe(first.key)
  })

  it('is not given what is signed under another root than the key server’s', async () => {
    const world = cluster()
    await run(world, 'team-a/kes-client')
    sign(world, keptOf(world), newAuthority())
    await run(world, 'team-a/kes-client')
    expect(handedOut(world)).toBeUndefined()
    expect(conditionOf(world, 'kes-client')).toMatchObject({ status: 'False', reason: 'AuthorityDiffers' })
  })
})
