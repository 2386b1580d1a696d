import { describe, expect, it } from 'vitest'
import { annotations, clientSecretName, keyServerEndpoint, keyServerWorkload, labels } from '../../../src/api/names.ts'
import { keyServerNameMax } from '../../../src/api/keyServer.ts'

describe('the words that users type', () => {
  it('are the ones of the design', () => {
    expect(labels.inject).toBe('kes-injector.io/inject')
    expect(annotations).toMatchObject({
      inject: 'kes-injector.io/inject',
      keyServer: 'kes-injector.io/key-server',
      keyName: 'kes-injector.io/key-name',
      container: 'kes-injector.io/container',
      confirmDelete: 'kes-injector.io/confirm-delete',
    })
    expect(clientSecretName).toBe('kes-client')
  })
})

describe('where clients dial', () => {
  it('is known from names alone', () => {
    expect(keyServerEndpoint('default', 'kes-system')).toBe('https://kes-default.kes-system.svc:7373')
  })

  it('is a DNS label for the longest name, its pod included', () => {
    const pod = `${keyServerWorkload('k'.repeat(keyServerNameMax))}-0`
    expect(pod.length).toBeLessThanOrEqual(63)
  })
})
