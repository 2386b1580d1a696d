import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { helmTemplate, named, render, renderText } from './render.ts'

const digest = `sha256:${'a'.repeat(64)}`
const resources = { limits: { memory: '1Gi' } }

/** Another value than the default one, for each value of values.yaml. */
const others: Readonly<Record<string, unknown>> = {
  'image.repository': 'registry.example/kes-injector',
  'image.tag': 'other',
  'image.digest': digest,
  'image.pullPolicy': 'Always',
  'statefulImage.repository': 'registry.example/kes-stateful',
  'statefulImage.tag': 'other',
  'statefulImage.digest': digest,
  'statefulImage.pullPolicy': 'Always',
  'serverImage.repository': 'registry.example/kes',
  'serverImage.tag': 'other',
  'serverImage.digest': digest,
  'serverImage.pullPolicy': 'Always',
  imagePullSecrets: [{ name: 'registry' }],
  clusterDomain: 'example.local',
  'injection.mode': 'Policy',
  'guard.enabled': false,
  'webhook.replicas': 3,
  'webhook.failurePolicy': 'Ignore',
  'webhook.timeoutSeconds': 3,
  'webhook.port': 9443,
  'webhook.excludedNamespaces': ['other'],
  'webhook.logLevel': 'debug',
  'webhook.resources': resources,
  'webhook.nodeSelector': { disk: 'ssd' },
  'webhook.tolerations': [{ key: 'a', operator: 'Exists' }],
  'webhook.priorityClassName': 'high',
  'controller.replicas': 3,
  'controller.logLevel': 'debug',
  'controller.resources': resources,
  'controller.nodeSelector': { disk: 'ssd' },
  'controller.tolerations': [{ key: 'a', operator: 'Exists' }],
  'controller.priorityClassName': 'high',
  'networkPolicy.enabled': false,
  'networkPolicy.apiServerCidrs': ['10.0.0.0/8'],
  'keyServer.create': false,
  'keyServer.spec': { keys: ['team-a_gold'] },
  'tenant.mount': 'additionalVolumes',
  'tenant.certificates': { renewAt: 0.5 },
  workloadSecretNames: ['kes-other'],
}

const opaque = new Set(Object.keys(others))
/** Paths of the values that are no sections. */
function leavesOf(values: object, path = ''): readonly string[] {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    const here = path === '' ? name : `${path}.${name}`
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isSection && !opaque.has(here) ? leavesOf(value, here) : [here]
  })
}
const at = (path: string, value: unknown): object =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object

let defaults: string
beforeAll(async () => {
  defaults = await renderText()
})

describe('a value of the chart', () => {
  it('is tried below, whichever values.yaml has', () => {
    const values = parse(readFileSync('charts/kes-injector/values.yaml', 'utf8')) as object
    expect(leavesOf(values).toSorted()).toEqual(Object.keys(others).toSorted())
  })

  it.each(Object.entries(others))('%s changes what is rendered', async (path, value) => {
    const changed = await renderText(at(path, value))
    expect(changed).not.toBe(defaults)
  })

  it.each([
    ['webhok.replicas', 'webhok'],
    ['webhook.replica', 'replica'],
    ['image.version', 'version'],
    ['keyServer.spek', 'spek'],
    ['keyServer.spec.keyPrefx', 'keyPrefx'],
    ['unknown', 'unknown'],
  ])('%s is refused, because nobody knows it', async (path, says) => {
    const { code, stderr } = await helmTemplate(at(path, 1))
    expect(code).not.toBe(0)
    expect(stderr).toContain(`'${says}' not allowed`)
  })
})

describe('an image', () => {
  interface Deployment {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly image: string; readonly env: readonly object[] }[] }
    }
  }

  it('is pulled by its digest where one is given, whatever the tag', async () => {
    const image = { digest, tag: 'other' }
    const objects = await render({ image, statefulImage: image })
    for (const component of ['webhook', 'controller']) {
      const { template } = named(objects, 'Deployment', `kes-injector-${component}`)['spec'] as Deployment
      expect(template.spec.containers[0]?.image).toBe(`kes-injector@${digest}`)
      if (component === 'controller')
        expect(template.spec.containers[0]?.env).toContainEqual({
          name: 'KES_INJECTOR_STATEFUL_IMAGE',
          value: `kes-injector-kes-stateful@${digest}`,
        })
    }
  })

  it('has the version of the chart where nothing is said', () => {
    const { appVersion } = parse(readFileSync('charts/kes-injector/Chart.yaml', 'utf8')) as { appVersion: string }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(appVersion).toBe(version)
    expect(defaults).toContain(`image: kes-injector:${appVersion}`)
  })
})
