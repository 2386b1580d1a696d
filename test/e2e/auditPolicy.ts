const ours = [
  'system:serviceaccount:kes-injector:kes-injector-controller',
  'system:serviceaccount:kes-injector:kes-injector-webhook',
]

/**
 * What Kubernetes' own documentation advises: bodies of Secrets and tokens are never logged. All other bodies are, of everything that
 * our accounts or a person write, so that a key in a status, an event or a patch would be found.
 */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'Metadata',
      resources: [
        { group: '', resources: ['secrets', 'serviceaccounts/token'] },
        { group: 'authentication.k8s.io' },
        { group: 'coordination.k8s.io' },
        { group: 'apiextensions.k8s.io' },
      ],
    },
    { level: 'Metadata', verbs: ['get', 'list', 'watch'] },
    { level: 'RequestResponse', users: ours },
    { level: 'RequestResponse', userGroups: ['system:masters'] },
    { level: 'Metadata' },
  ],
} as const
