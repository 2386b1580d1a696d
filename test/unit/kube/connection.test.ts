import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isApiError } from '../../../src/kube/apiError.ts'
import { loadConnection } from '../../../src/kube/connection.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connection-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function kubeconfig({ cluster = {}, user = {}, context = {} }: Readonly<Record<string, object>> = {}): string {
  return file(
    JSON.stringify({
      'current-context': 'main',
      clusters: [{ name: 'one', cluster: { server: 'https://10.0.0.1:6443/base', ...cluster } }],
      users: [{ name: 'me', user: { token: 'hunter2\n', ...user } }],
      contexts: [{ name: 'main', context: { cluster: 'one', user: 'me', ...context } }],
    }),
  )
}

function file(content: string): string {
  const path = join(folder, 'kubeconfig')
  writeFileSync(path, content)
  return path
}

describe('the connection to the API server', () => {
  it('comes from a kubeconfig, with its namespace', async () => {
    const connection = loadConnection({ kubeconfig: kubeconfig({ context: { namespace: 'mine' } }) })
    expect(connection.server.href).toBe('https://10.0.0.1:6443/base')
    expect(connection.namespace).toBe('mine')
    expect((await connection.credentials()).headers['Authorization']).toBe('Bearer hunter2')
  })

  it('is in the namespace default unless told', () => {
    expect(loadConnection({ kubeconfig: kubeconfig() }).namespace).toBe('default')
  })

  it('brings the files that the kubeconfig names, as they are when asked for', async () => {
    const ca = join(folder, 'ca.crt')
    writeFileSync(ca, 'first')
    const connection = loadConnection({ kubeconfig: kubeconfig({ cluster: { 'certificate-authority': ca } }) })
    expect(String((await connection.credentials()).tls.ca)).toBe('first')
    writeFileSync(ca, 'second')
    expect(String((await connection.credentials()).tls.ca)).toBe('second')
    rmSync(ca)
    await expect(connection.credentials()).rejects.toMatchObject({ code: 'BadConfiguration' })
  })

  it.each([
    ['plain HTTP', { cluster: { server: 'http://10.0.0.1:8080' } }],
    ['what is no URL', { cluster: { server: 'nonsense' } }],
    ['a proxy', { cluster: { 'proxy-url': 'http://proxy:3128' } }],
    ['a cluster that is not there', { context: { cluster: 'other' } }],
  ])('refuses %s', (_what, parts) => {
    const path = kubeconfig(parts)
    expect(() => loadConnection({ kubeconfig: path })).toThrow(expect.objectContaining({ code: 'BadConfiguration' }))
  })

  it('refuses a context that the kubeconfig does not have', () => {
    const path = kubeconfig()
    expect(() => loadConnection({ kubeconfig: path, context: 'other' })).toThrow(/no context named "other"/)
  })

  it('never quotes a kubeconfig that it cannot read', () => {
    for (const content of [
      '{"users":[{"user":{"token":"hunter2"',
      'users: [token: hunter2\n  - x: "',
      'users: hunter2',
      '',
    ]) {
      const path = file(content)
      let caught: unknown
      try {
        loadConnection({ kubeconfig: path })
      } catch (error) {
        caught = error
      }
      expect(isApiError(caught, 'BadConfiguration')).toBe(true)
      expect(inspect(caught, { depth: null })).not.toContain('hunter2')
    }
  })
})
