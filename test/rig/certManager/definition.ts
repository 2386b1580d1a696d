import { certificateRequests } from '../../../src/controller/issuance/certificateRequests.ts'

/** The kind of cert-manager that we send, as its definition has it as far as we use it. */
export const certificateRequestDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'certificaterequests.cert-manager.io' },
  spec: {
    group: 'cert-manager.io',
    scope: 'Namespaced',
    names: {
      kind: certificateRequests.kind,
      listKind: 'CertificateRequestList',
      plural: certificateRequests.plural,
      singular: 'certificaterequest',
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['issuerRef', 'request'],
                // cert-manager's own webhook refuses every change of a spec.
                'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'spec is immutable' }],
                properties: {
                  request: { type: 'string', format: 'byte' },
                  duration: { type: 'string' },
                  isCA: { type: 'boolean' },
                  usages: { type: 'array', items: { type: 'string' } },
                  issuerRef: {
                    type: 'object',
                    required: ['name'],
                    properties: { name: { type: 'string' }, kind: { type: 'string' }, group: { type: 'string' } },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
} as const
