import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { createAuthority, issue } from '../../../src/pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { dayMs } from './world.ts'

// Python ≥ 3.13 verifies this strictly by default, and refuses certificates without an authority key identifier.
const client = `
import socket, ssl, sys
port, folder = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cafile=folder + '/ca.pem')
context.verify_flags |= ssl.VERIFY_X509_STRICT
context.load_cert_chain(folder + '/client.pem', folder + '/client.key')
with socket.create_connection(('127.0.0.1', port), 10) as plain:
    with context.wrap_socket(plain, server_hostname='kes.example') as secured:
        print(secured.recv(100).decode())
`
const python = spawnSync('python3', ['-c', 'import ssl']).status === 0

describe('a mutual handshake', () => {
  it.skipIf(!python)('is accepted by a strict Python client and a Node server', async () => {
    const now = new Date()
    const authority = createAuthority({ commonName: 'authority', lifetimeMs: 10 * dayMs, now })
    const [serverKey, clientKey] = [generatePrivateKey(), generatePrivateKey()]
    const leaf = { lifetimeMs: dayMs, now }
    const folder = mkdtempSync(join(tmpdir(), 'handshake-'))
    writeFileSync(join(folder, 'ca.pem'), authority.certificatePem)
    writeFileSync(join(folder, 'client.key'), privateKeyPem(clientKey))
    const clientPem = issue(authority, { ...leaf, commonName: 'client', usages: ['client'], key: clientKey })
    writeFileSync(join(folder, 'client.pem'), clientPem)
    const dnsNames = ['kes.example']
    const cert = issue(authority, { ...leaf, commonName: 'kes', usages: ['server'], dnsNames, key: serverKey })
    const options = { cert, key: privateKeyPem(serverKey), ca: authority.certificatePem, requestCert: true }
    const server = createServer(options, (socket) => socket.end(socket.getPeerX509Certificate()?.subject ?? ''))
    try {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const child = spawn('python3', ['-c', client, String(port), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      await once(child, 'close')
      expect(said.trim()).toBe('CN=client')
    } finally {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
