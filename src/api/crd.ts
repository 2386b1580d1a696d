import * as z from 'zod'
import { group, version } from './names.ts'
import { KeyServerSpec, KeyServerStatus, keyServerNameMax } from './keyServer.ts'
import { KesIdentitySpec, KesIdentityStatus } from './kesIdentity.ts'

/** A JSON schema as `apiextensions.k8s.io/v1` takes it: structural, without the keywords that the API server refuses. */
type Schema = Record<string, unknown>

/**
 * One zod schema gives the TypeScript type, the texts of `kubectl explain` and what the API server enforces.
 * A structural schema knows no `propertyNames` and no `additionalProperties: false`, and integers need no bounds of 2^53.
 */
function structural(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema.propertyNames
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.type === 'object' && 'properties' in jsonSchema) delete jsonSchema.additionalProperties
    },
  }) as Schema
  return rest
}

const conditionList: Schema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
    properties: {
      type: { type: 'string' },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      reason: { type: 'string' },
      message: { type: 'string' },
      observedGeneration: { type: 'integer', format: 'int64' },
      lastTransitionTime: { type: 'string', format: 'date-time' },
    },
  },
}

interface Kind {
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly scope: 'Cluster' | 'Namespaced'
  readonly description: string
  readonly nameMax: number
  readonly spec: z.ZodType
  readonly status: z.ZodType
  readonly columns: readonly Schema[]
}

const column = (name: string, jsonPath: string, type = 'string', priority = 0): Schema => ({
  name,
  type,
  jsonPath,
  priority,
})
const condition = (type: string, field = 'status'): string => `.status.conditions[?(@.type=="${type}")].${field}`

const kinds: readonly Kind[] = [
  {
    kind: 'KeyServer',
    plural: 'keyservers',
    shortName: 'ks',
    scope: 'Cluster',
    description: 'A KES key server that MinIO of opted-in namespaces gets its data keys from.',
    nameMax: keyServerNameMax,
    spec: KeyServerSpec,
    status: KeyServerStatus,
    columns: [
      column('Ready', condition('Ready')),
      column('Reason', condition('Ready', 'reason')),
      column('Endpoint', '.status.endpoint', 'string', 1),
      column('Age', '.metadata.creationTimestamp', 'date'),
    ],
  },
  {
    kind: 'KesIdentity',
    plural: 'kesidentities',
    shortName: 'kid',
    scope: 'Namespaced',
    description: 'The identity of the MinIO of a namespace at its key server, and the Secret that carries it.',
    nameMax: 63,
    spec: KesIdentitySpec,
    status: KesIdentityStatus,
    columns: [
      column('Ready', condition('Ready')),
      column('Reason', condition('Ready', 'reason')),
      column('KeyServer', '.spec.keyServerRef.name'),
      column('Key', '.status.keyName'),
      column('Renewal', '.status.renewalTime', 'string', 1),
      column('Age', '.metadata.creationTimestamp', 'date'),
    ],
  },
]

const nameRule = (max: number) => ({
  rule: `size(self.metadata.name) <= ${max} && !self.metadata.name.contains('.')`,
  message: `the name must be a DNS label of at most ${max} characters: other objects are named after it`,
})

function definition({ kind, plural, shortName, scope, description, nameMax, spec, status, columns }: Kind): Schema {
  const statusSchema = structural(status)
  const statusProperties = { ...(statusSchema.properties as Schema), conditions: conditionList }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      labels: { 'app.kubernetes.io/name': 'kes-injector' },
      annotations: { 'helm.sh/resource-policy': 'keep' },
    },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [shortName] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: structural(spec),
                status: { ...statusSchema, properties: statusProperties },
              },
              'x-kubernetes-validations': [nameRule(nameMax)],
            },
          },
        },
      ],
    },
  }
}

/** The CustomResourceDefinitions of the product, as plain objects; `npm run generate` writes them into the chart. */
export const customResourceDefinitions: readonly Schema[] = kinds.map(definition)
