import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { podConnection } from '../../../src/kube/podConnection.ts'

const variables = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
let folder: string

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pod-connection-'))
  write({ namespace: 'kes-system\n', 'ca.crt': 'authority', token: 'first\n' })
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('the connection of a pod', () => {
  it('goes where the kubelet says, as the service account of the pod', async () => {
    const connection = podConnection(variables, folder)
    expect(connection).toMatchObject({ server: new URL('https://10.96.0.1'), namespace: 'kes-system' })
    expect(await connection?.credentials()).toEqual({
      tls: { ca: 'authority' },
      headers: { Authorization: 'Bearer first' },
    })
  })

  it('goes to an address of IPv6 as well', () => {
    const connection = podConnection({ ...variables, KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder)
    expect(connection?.server.href).toBe('https://[fd00::1]/')
  })

  it('brings the token and the authority as they are when asked for', async () => {
    const connection = podConnection(variables, folder)
    write({ token: 'second', 'ca.crt': 'both' })
    expect(await connection?.credentials()).toEqual({
      tls: { ca: 'both' },
      headers: { Authorization: 'Bearer second' },
    })
    rmSync(join(folder, 'token'))
    await expect(connection?.credentials()).rejects.toMatchObject({ code: 'BadConfiguration' })
  })

  it.each([
    ['outside of a pod', {}],
    ['where a kubeconfig is named', { ...variables, KUBECONFIG: '/somewhere' }],
  ])('is none %s', (_where, environment) => {
    expect(podConnection(environment, folder)).toBeUndefined()
  })

  it('says what is missing in a pod without a service account', () => {
    rmSync(join(folder, 'namespace'))
    expect(() => podConnection(variables, folder)).toThrow(/no service account/)
  })
})
