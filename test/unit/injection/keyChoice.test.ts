import { describe, expect, it } from 'vitest'
import { keyServerOf } from '../../../src/injection/keyChoice.ts'

const namespace = { name: 'team-a', labels: {}, annotations: {} }
const asks = { ...namespace, annotations: { 'kes-injector.io/key-server': 'eu' } }

describe('the key server of a namespace', () => {
  it('is the one called default where it asks for none', () => {
    expect(keyServerOf(namespace)).toBe('default')
  })

  it('is the one that it asks for, until it has an identity', () => {
    expect(keyServerOf(asks)).toBe('eu')
  })

  it('is the one of its identity, whatever it asks for later: the other one knows neither identity nor keys', () => {
    expect(keyServerOf({ ...asks, boundTo: 'default' })).toBe('default')
  })
})
