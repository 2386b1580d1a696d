import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ChartValues } from '../../../src/config/chartValues.ts'

const defaults = parse(readFileSync('charts/kes-injector/values.yaml', 'utf8')) as Readonly<Record<string, object>>
const issuesOf = (values: unknown): readonly string[] =>
  ChartValues.safeParse(values).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
const changed = (section: string, values: object) => ({ ...defaults, [section]: { ...defaults[section], ...values } })

describe("the chart's values", () => {
  it('accept the defaults as they are shipped', () => {
    expect(issuesOf(defaults)).toEqual([])
  })

  it('have a default for everything that is no matter of a parent chart', () => {
    const known = Object.keys(ChartValues.shape).filter((name) => name !== 'global')
    expect(Object.keys(defaults).toSorted()).toEqual(known.toSorted())
  })

  it.each<[string, object, string]>([
    ['a misspelt section', { ...defaults, webhok: {} }, 'webhok'],
    ['a misspelt value of the webhook', changed('webhook', { failurepolicy: 'Fail' }), 'failurepolicy'],
    ['a misspelt value of the controller', changed('controller', { replica: 2 }), 'replica'],
    ['a misspelt value of an image', changed('image', { version: '1' }), 'version'],
    ['a misspelt value of the network policy', changed('networkPolicy', { enable: true }), 'enable'],
    ['a misspelt value of the key server', changed('keyServer', { created: true }), 'created'],
    ['a policy that Kubernetes does not know', changed('webhook', { failurePolicy: 'Ingore' }), 'failurePolicy'],
    ['a webhook that holds the API server up', changed('webhook', { timeoutSeconds: 30 }), 'timeoutSeconds'],
    ['no replica', changed('controller', { replicas: 0 }), 'replicas'],
    ['a digest that is none', changed('image', { digest: 'sha256:abc' }), 'digest'],
    ['no name for the Secrets of workloads', { ...defaults, workloadSecretNames: [] }, 'workloadSecretNames'],
    ['an empty name for them', { ...defaults, workloadSecretNames: [''] }, 'workloadSecretNames'],
    ['a port that needs rights', changed('webhook', { port: 443 }), 'port'],
    ['a misspelt field of the key server', changed('keyServer', { spec: { keyPrefx: 'x' } }), 'keyPrefx'],
    ['a key prefix that is no text', changed('keyServer', { spec: { keyPrefix: 5 } }), 'keyPrefix'],
  ])('refuse %s', (_what, values, says) => {
    expect(issuesOf(values).join()).toContain(says)
  })

  it('explain each of themselves', () => {
    const silent = Object.entries(ChartValues.shape).filter(([, { description }]) => description === undefined)
    expect(silent.map(([name]) => name)).toEqual([])
  })
})
