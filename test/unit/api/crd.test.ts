import { describe, expect, it } from 'vitest'
import { customResourceDefinitions } from '../../../src/api/crd.ts'
import { KesIdentitySpec } from '../../../src/api/kesIdentity.ts'
import { KeyServerSpec } from '../../../src/api/keyServer.ts'

interface Node {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly additionalProperties?: Node | boolean
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[]
}
interface Definition {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> }
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: { readonly kind: string; readonly plural: string; readonly shortNames: readonly string[] }
    readonly versions: readonly {
      readonly name: string
      readonly subresources: object
      readonly schema: { readonly openAPIV3Schema: Node }
    }[]
  }
}
const definitions = customResourceDefinitions as readonly unknown[] as readonly Definition[]
const schemaOf = ({ spec }: Definition): Node => spec.versions[0]?.schema.openAPIV3Schema ?? {}

type Visited = readonly [path: string, node: Node]
/** Every schema below this one, itself included. */
function nodesOf(node: Node, path = ''): readonly Visited[] {
  const { properties = {}, items, additionalProperties } = node
  return [
    [path, node],
    ...Object.entries(properties).flatMap(([name, each]) => nodesOf(each, `${path}.${name}`)),
    ...(items ? nodesOf(items, `${path}[]`) : []),
    ...(typeof additionalProperties === 'object' ? nodesOf(additionalProperties, `${path}{}`) : []),
  ]
}

/** Keywords that a structural schema may have (apiextensions v1, JSONSchemaProps and its forbidden ones). */
const allowedKeywords = new Set([
  ...['type', 'description', 'properties', 'items', 'additionalProperties', 'required', 'default', 'enum', 'format'],
  ...['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'nullable', 'x-kubernetes-validations'],
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
])

describe.each(definitions.map((each) => [each.spec.names.kind, each] as const))(
  'the CRD of %s',
  (_kind, definition) => {
    const all = nodesOf(schemaOf(definition))

    it('has only keywords that the API server takes in a structural schema', () => {
      for (const [path, node] of all)
        expect(
          Object.keys(node).filter((keyword) => !allowedKeywords.has(keyword)),
          path,
        ).toEqual([])
    })

    it('says the type of every value, and closes none with additionalProperties: false', () => {
      for (const [path, node] of all) {
        expect(node.type, path).toMatch(/^(object|array|string|boolean|integer|number)$/)
        expect(node.additionalProperties, path).not.toBe(false)
        expect(node.additionalProperties !== undefined && node.properties !== undefined, path).toBe(false)
        if (node.type === 'array') expect(node.items, path).toBeDefined()
        if (typeof node.additionalProperties === 'object' && Object.keys(node.additionalProperties).length === 0)
          expect(node['x-kubernetes-preserve-unknown-fields'], path).toBe(true)
      }
    })

    it('requires only what it knows, and nothing that has a default', () => {
      for (const [path, { required = [], properties = {} }] of all)
        for (const name of required) {
          expect(properties, `${path}.${name}`).toHaveProperty(name)
          expect(properties[name]?.default, `${path}.${name}`).toBeUndefined()
        }
    })

    it('explains every field that people write', () => {
      const { spec } = schemaOf(definition).properties ?? {}
      const silent = nodesOf(spec ?? {}, 'spec').filter(
        ([path, { description }]) => !/(\[\]|\{\})$/.test(path) && !(description && /[.!?]$/.test(description)),
      )
      expect(silent.map(([path]) => path)).toEqual([])
    })

    it('gives each rule a sentence for whoever breaks it', () => {
      const rules = all.flatMap(([, node]) => node['x-kubernetes-validations'] ?? [])
      expect(rules.length).toBeGreaterThan(2)
      for (const { rule, message } of rules) {
        expect(rule).toMatch(/self/)
        expect(message.length).toBeGreaterThan(15)
      }
    })

    it('outlives helm uninstall: with it every object of its kind would go', () => {
      expect(definition.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' })
    })

    it('is called as the API server demands, and its status is written apart', () => {
      const { group, names, versions } = definition.spec
      expect(definition.metadata.name).toBe(`${names.plural}.${group}`)
      expect(versions).toHaveLength(1)
      expect(versions[0]).toMatchObject({ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } })
    })
  },
)

describe('the two kinds', () => {
  it('are a key server of the cluster and an identity of a namespace', () => {
    const said = definitions.map(({ spec }) => [spec.names.kind, spec.scope, spec.names.shortNames])
    expect(said).toEqual([
      ['KeyServer', 'Cluster', ['ks']],
      ['KesIdentity', 'Namespaced', ['kid']],
    ])
  })

  it('store the defaults that the program reads', () => {
    const defaultsOf = (definition: Definition | undefined, ...path: readonly string[]) =>
      path.reduce<Node | undefined>((node, name) => node?.properties?.[name], definition && schemaOf(definition))
        ?.default
    const spec = KeyServerSpec.parse({ stateful: {} })
    const [keyServers, identities] = definitions
    expect(defaultsOf(keyServers, 'spec', 'keyPrefix')).toBe(spec.keyPrefix)
    expect(defaultsOf(keyServers, 'spec', 'keys')).toEqual(spec.keys)
    expect(defaultsOf(keyServers, 'spec', 'certificates')).toEqual(spec.certificates)
    expect(defaultsOf(keyServers, 'spec', 'stateful', 'storage')).toEqual(spec.stateful?.storage)
    expect(defaultsOf(keyServers, 'spec', 'stateful', 'allowKeyCreation')).toBe(false)
    expect(defaultsOf(identities, 'spec', 'secretName')).toBe(
      KesIdentitySpec.parse({ keyServerRef: { name: 'default' } }).secretName,
    )
  })

  it('demand the immutability that keys depend on', () => {
    const guarded = definitions.flatMap((definition) =>
      nodesOf(schemaOf(definition))
        .filter(([, node]) => node['x-kubernetes-validations']?.some(({ rule }) => rule === 'self == oldSelf'))
        .map(([path]) => `${definition.spec.names.kind}${path}`),
    )
    expect(guarded.toSorted()).toEqual([
      'KesIdentity.spec.importSecretRef',
      'KesIdentity.spec.keyServerRef',
      'KesIdentity.spec.secretName',
      'KeyServer.spec.certificates.issuerRef',
      'KeyServer.spec.keyPrefix',
      'KeyServer.spec.server.placement',
      'KeyServer.spec.server.storage',
      'KeyServer.spec.stateful.existing',
      'KeyServer.spec.stateful.storage',
    ])
  })
})
