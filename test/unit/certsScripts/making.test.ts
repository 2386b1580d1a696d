import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { writeFiles } from '../../../certs-scripts/commandLine/files.ts'
import { makePair, wishOf } from '../../../certs-scripts/making/leaf.ts'
import {
  checkedNamespace,
  checkedObjectName,
  objectsYaml,
  pairSecret,
} from '../../../certs-scripts/making/secretYaml.ts'
import { makeSetUp, type SetUpWish } from '../../../certs-scripts/making/setUp.ts'
import { setUpFiles } from '../../../certs-scripts/making/setUpFiles.ts'
import { allSecrets, controllerSecrets, serviceNames } from '../../../certs-scripts/making/setUpSecrets.ts'
import { entriesIn } from '../../../certs-scripts/reading/entries.ts'
import { keptPairOf } from '../../../certs-scripts/reading/material.ts'
import { foundPair, secretText } from '../../../src/controller/found.ts'
import { materialName } from '../../../src/controller/keyServer/material.ts'
import { foundAuthority } from '../../../src/controller/storedAuthority.ts'
import { isUnsealKey } from '../../../src/kes/unsealKey.ts'
import type { Secret } from '../../../src/kube/resources.ts'
import { certificateFacts } from '../../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../../src/pki/certificateParts.ts'
import { readPair } from '../../../src/pki/pair.ts'
import { dayMs, later, moment, newAuthority, newPair, secretYaml, wish } from './world.ts'

const authority = newAuthority()
const setUpWish: SetUpWish = {
  authority: undefined,
  authorityName: 'kes-injector default authority',
  dnsNames: ['kes.example'],
  ipAddresses: [],
  authorityLifetimeMs: 1_825 * dayMs,
  lifetimeMs: 90 * dayMs,
}
const parsed = (objects: readonly object[]): readonly Secret[] =>
  [parseAllDocuments(objectsYaml(objects))].flat().map((document) => document.toJS() as Secret)

describe('a renewal', () => {
  const server = newPair(authority, {
    usage: 'server',
    commonName: 'kes',
    dnsNames: ['kes.example'],
    ipAddresses: ['10.0.0.7'],
  })
  const kept = keptPairOf(
    'file',
    entriesIn('file', secretYaml('kes', { 'tls.crt': server.certificatePem, 'tls.key': server.keyPem })),
  )

  it('is a new certificate for the same key, so the identity and the key file stay', () => {
    const renewed = makePair(
      authority,
      { ...wish, ...wishOf(kept), usage: 'server' },
      { ...moment, now: later(60 * dayMs) },
      kept,
    )
    expect(renewed.identity).toBe(server.identity)
    expect(renewed.keyPem).toBe(server.keyPem)
    expect(renewed.certificatePem).not.toBe(server.certificatePem)
    expect(renewed.notAfter).toEqual(later(150 * dayMs))
  })

  it('keeps names and subject where nothing else is said', () => {
    expect(wishOf(kept)).toEqual({
      commonName: 'kes',
      organizations: [],
      dnsNames: ['kes.example'],
      ipAddresses: ['10.0.0.7'],
    })
  })

  it.each([
    ['two keys', { a: server.keyPem, b: newPair(authority).keyPem }, 'more than one private key'],
    ['no key', { a: server.certificatePem }, 'there is no private key'],
    [
      'two halves that differ',
      { a: server.certificatePem, b: newPair(authority).keyPem },
      'does not belong to the certificate',
    ],
    [
      'two certificates',
      { a: server.certificatePem, b: newPair(authority).certificatePem, c: server.keyPem },
      'holds 2 certificates',
    ],
  ])('is refused for %s', (_, data, why) => {
    expect(() => keptPairOf('file', entriesIn('file', secretYaml('x', data)))).toThrow(why)
  })
})

describe('a pair as a Secret', () => {
  const pair = { ...newPair(authority), authorityPem: authority.certificatePem }

  it('is what the operator and the controller read', () => {
    const [secret] = parsed([pairSecret({ namespace: 'minio-a', name: 'kes-client', layout: 'tls' }, pair)])
    expect(secret).toMatchObject({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name: 'kes-client', namespace: 'minio-a' },
    })
    expect(foundPair(secret)).toMatchObject({ is: 'found' })
    expect(secret && secretText(secret, 'ca.crt')).toBe(authority.certificatePem)
  })

  it('is Opaque with private.key and public.crt where that is asked for', () => {
    const [secret] = parsed([pairSecret({ namespace: 'minio-a', name: 'kes-minio', layout: 'kes' }, pair)])
    expect(secret?.type).toBe('Opaque')
    expect(secret && secretText(secret, 'private.key')).toBe(pair.keyPem)
    expect(secret && secretText(secret, 'public.crt')).toBe(pair.certificatePem)
  })

  it.each(['', 'A', 'a_b', '-a', 'a..b', 'a'.repeat(64)])('is not called %j', (name) => {
    expect(() => checkedObjectName(name, 'secret')).toThrow('--secret: no object')
    expect(() => checkedNamespace(name, 'namespace')).toThrow('--namespace: no namespace')
  })
})

describe('the set-up of a stateful KES', () => {
  const setUp = makeSetUp(setUpWish, moment)

  it('has four identities that differ, under one authority', () => {
    const pairs = [setUp.systemAdmin, setUp.enclaveAdmin, setUp.client, setUp.server]
    expect(new Set(pairs.map((pair) => pair?.identity)).size).toBe(4)
    const root = readCertificate(setUp.authority.certificatePem)
    for (const pair of pairs) {
      if (!pair) throw new Error('a pair is missing')
      expect(readPair(pair).certificate.verify(root.publicKey)).toBe(true)
    }
    expect(isUnsealKey(setUp.unsealKey)).toBe(true)
  })

  it('lets the administrators, whom no route of KES can change, live as long as the authority', () => {
    const ends = [setUp.authority, setUp.systemAdmin, setUp.enclaveAdmin].map(({ certificatePem }) =>
      certificateFacts(readCertificate(certificatePem)).notAfter.getTime(),
    )
    expect(new Set(ends)).toEqual(new Set([later(1_825 * dayMs).getTime()]))
    expect(setUp.client.notAfter).toEqual(later(90 * dayMs))
  })

  it('issues from an authority that is handed over, and does not copy its key', () => {
    const given = makeSetUp({ ...setUpWish, authority }, moment)
    expect(given.authority).toBe(authority)
    const folder = { folder: '/f', tlsFolder: '/t', address: '0.0.0.0:7373', policy: { allow: [], deny: [] } }
    const paths = (withAuthorityKey: boolean) =>
      setUpFiles(given, { ...folder, withAuthorityKey }).map(({ path }) => path)
    expect(paths(true)).toContain('/f/ca.key')
    expect(paths(false)).not.toContain('/f/ca.key')
    expect(paths(false)).toContain('/f/ca.crt')
  })

  it('marks every file with a key as secret, and no other', () => {
    const files = setUpFiles(setUp, {
      folder: '/f',
      tlsFolder: '/t',
      address: '0.0.0.0:7373',
      policy: { allow: [], deny: [] },
      withAuthorityKey: true,
    })
    for (const { path, text, holds } of files)
      expect(holds, path).toBe(/PRIVATE KEY/.test(text) || isUnsealKey(text) ? 'secret' : 'public')
    expect(files.map(({ path }) => path)).toHaveLength(13)
  })

  it('as Secrets for the controller is what the controller finds in the place of its own', () => {
    const secrets = parsed(controllerSecrets(setUp, { keyServer: 'default', namespace: 'kes-injector' }))
    const named = (material: Parameters<typeof materialName>[1]) =>
      secrets.find(({ metadata }) => metadata.name === materialName('default', material))
    expect(secrets).toHaveLength(4)
    expect(secrets.every(({ immutable }) => immutable)).toBe(true)
    expect(foundAuthority(named('authority-1'))).toMatchObject({ is: 'found' })
    for (const admin of ['system-admin', 'enclave-admin'] as const)
      expect(foundPair(named(admin))).toMatchObject({ is: 'found' })
    const unseal = named('unseal')
    expect(unseal && isUnsealKey(secretText(unseal, 'key') ?? '')).toBe(true)
  })

  it('as Secrets without the controller has the server, init.yml and MinIO in it, and the controller leaves that one alone', () => {
    const secrets = parsed(
      allSecrets(setUp, {
        keyServer: 'default',
        namespace: 'kes',
        clientNamespace: 'minio-a',
        tlsFolder: '/etc/kes/tls',
      }),
    )
    expect(secrets.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'kes/kes-default-authority-1',
      'kes/kes-default-unseal',
      'kes/kes-default-system-admin',
      'kes/kes-default-enclave-admin',
      'kes/kes-default-server',
      'kes/kes-default-init',
      'minio-a/kes-client',
    ])
    const init = secrets[5] && secretText(secrets[5], 'init.yml')
    expect(init).toContain('key: /etc/kes/tls/tls.key')
    expect(init).toContain(setUp.enclaveAdmin.identity)
    expect(secrets[6]?.metadata.labels).toBeUndefined()
  })

  it('names the server as its Service is called', () => {
    expect(serviceNames('default', 'kes')[0]).toBe('kes-default.kes.svc')
  })
})

describe('writing files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certs-scripts-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const never = () => false

  it('gives keys to their owner alone', async () => {
    await writeFiles(
      [
        { path: at('new/a.key'), text: 'k', holds: 'secret' },
        { path: at('new/a.crt'), text: 'c', holds: 'public' },
      ],
      never,
      '',
    )
    expect(statSync(at('new/a.key')).mode & 0o777).toBe(0o600)
    expect(statSync(at('new/a.crt')).mode & 0o777).toBe(0o644)
    expect(statSync(at('new')).mode & 0o777).toBe(0o700)
  })

  it('writes nothing at all where one of them exists', async () => {
    writeFileSync(at('b.crt'), 'precious')
    const files = [
      { path: at('b.key'), text: 'k', holds: 'secret' },
      { path: at('b.crt'), text: 'c', holds: 'public' },
    ] as const
    await expect(writeFiles(files, never, 'do this')).rejects.toMatchObject({
      code: 'WouldOverwrite',
      message: `${at('b.crt')} exists: do this`,
    })
    expect(readFileSync(at('b.crt'), 'utf8')).toBe('precious')
    expect(() => statSync(at('b.key'))).toThrow('ENOENT')
  })

  it('replaces as a whole where it may, with the right mode whatever was there', async () => {
    writeFileSync(at('c.key'), 'old', { mode: 0o666 })
    await writeFiles([{ path: at('c.key'), text: 'new', holds: 'secret' }], () => true, '')
    expect(readFileSync(at('c.key'), 'utf8')).toBe('new')
    expect(statSync(at('c.key')).mode & 0o777).toBe(0o600)
  })

  it('says why it cannot', async () => {
    writeFileSync(at('d'), '')
    const path = join(at('d'), 'e.key')
    await expect(writeFiles([{ path, text: '', holds: 'secret' }], never, '')).rejects.toMatchObject({
      code: 'OutputFailed',
    })
  })
})
