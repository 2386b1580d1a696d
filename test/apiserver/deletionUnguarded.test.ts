import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namespaces, secrets } from '../../src/kube/resources.ts'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { commandsOf, holdBack, runCommands, seen } from './deletionWorld.ts'
import { startOwnApiServer, type OwnApiServer } from './ownApiServer.ts'

let server: OwnApiServer
const unseal = { namespace: releaseNamespace, name: 'kes-default-unseal' }

beforeAll(async () => {
  server = await startOwnApiServer('injection.mode=Policy')
  await server.client.create(secrets, { metadata: unseal, immutable: true, data: { key: 'a2V5' } })
})
afterAll(() => server[Symbol.asyncDispose]())

describe('an identity that nobody can revoke, because the product is gone', () => {
  it('holds its namespace, until the commands of the page let it go', async () => {
    await server.create([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'held' } }])
    await holdBack(server, 'held', 'backup')
    await server.kubectl(['delete', 'namespace', 'held', '--wait=false'])
    await seen('the namespace controller to wait for it', async () => {
      const namespace = await server.client.get(namespaces, { name: 'held' })
      return namespace?.status?.conditions?.find(
        ({ type, message }) =>
          type === 'NamespaceFinalizersRemaining' && message?.includes('kes-injector.io/revocation'),
      )
    })
    await runCommands(server, commandsOf('delete-keys.md', 'let the identities go'))
    await seen('the namespace to be gone', async () =>
      (await server.client.get(namespaces, { name: 'held' })) ? undefined : true,
    )
  })
})

describe('a release namespace that was deleted while nothing guarded it', () => {
  it('waits with its keys, says so, and goes once it is confirmed', async () => {
    await server.kubectl(['delete', 'validatingadmissionpolicybinding', 'kes-injector-key-owners'])
    await seen('the namespace to be unguarded', () =>
      server.kubectl(['delete', 'namespace', releaseNamespace, '--wait=false']).catch(() => undefined),
    )
    const said = await seen('the namespace controller to be refused', async () => {
      const namespace = await server.client.get(namespaces, { name: releaseNamespace })
      return namespace?.status?.conditions?.find(
        ({ type, status }) => type === 'NamespaceDeletionContentFailure' && status === 'True',
      )
    })
    expect(said.message).toContain('DeletionUnconfirmed: the secret kes-default-unseal')
    expect((await server.client.get(secrets, unseal))?.data).toEqual({ key: 'a2V5' })

    const confirmation = `kes-injector.io/confirm-delete=${releaseNamespace}`
    await server.kubectl(['annotate', 'namespace', releaseNamespace, confirmation])
    await seen('the namespace to be gone', async () =>
      (await server.client.get(namespaces, { name: releaseNamespace })) ? undefined : true,
    )
  })
})
