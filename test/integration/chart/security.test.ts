import { beforeAll, describe, expect, it } from 'vitest'
import { customResourceDefinitions } from '../../../src/api/crd.ts'
import { named, namespace, render, renderText, type Rendered } from './render.ts'

interface Container {
  readonly name: string
  readonly image: string
  readonly securityContext?: object
  readonly [field: string]: unknown
}
interface PodSpec {
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly ephemeralContainers?: unknown
  readonly volumes?: readonly Readonly<Record<string, unknown>>[]
  readonly [field: string]: unknown
}
interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

let objects: readonly Rendered[]
let text: string
beforeAll(async () => {
  ;[objects, text] = [await render(), await renderText()]
})

const podSpec = ({ spec }: Rendered): PodSpec => (spec as { template: { spec: PodSpec } }).template.spec
const deployments = () => objects.filter(({ kind }) => kind === 'Deployment')

describe('the chart', () => {
  it('holds no key and no caBundle', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
    expect(JSON.stringify(objects)).not.toContain('"caBundle"')
    expect(text).not.toContain('PRIVATE KEY')
    expect(text).not.toContain('BEGIN CERTIFICATE')
  })

  it('has no hook and no test pod: nothing runs that is not described here', () => {
    expect(text).not.toContain('helm.sh/hook')
    expect(objects.map(({ kind }) => kind)).not.toContain('Job')
  })

  it('leaves alone at uninstall what holds keys or guards them', () => {
    const kept = objects
      .filter(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep')
      .map(({ kind, metadata: { name } }) => `${kind} ${name}`)
    expect(kept).toEqual(
      expect.arrayContaining([
        'KeyServer default',
        'ServiceAccount kes-injector-key-server',
        'ValidatingAdmissionPolicy kes-injector-key-secrets',
        'ValidatingAdmissionPolicyBinding kes-injector-key-secrets',
      ]),
    )
    for (const each of customResourceDefinitions)
      expect(each).toMatchObject({ metadata: { annotations: { 'helm.sh/resource-policy': 'keep' } } })
  })

  it('puts everything that has a namespace into that of the release', () => {
    const elsewhere = objects.filter(
      ({ metadata }) => metadata.namespace !== undefined && metadata.namespace !== namespace,
    )
    expect(elsewhere).toEqual([])
  })

  it('keeps one pod of two through a drain', () => {
    for (const component of ['webhook', 'controller'])
      expect(named(objects, 'PodDisruptionBudget', `kes-injector-${component}`)['spec']).toMatchObject({
        maxUnavailable: 1,
        selector: { matchLabels: { 'app.kubernetes.io/component': component } },
      })
  })

  it('has no budget for a single pod: it would stop every drain or do nothing', async () => {
    const single = await render({ webhook: { replicas: 1 }, controller: { replicas: 1 } })
    expect(single.filter(({ kind }) => kind === 'PodDisruptionBudget')).toEqual([])
  })
})

// Kubernetes, Pod Security Standards: restricted (which contains baseline).
describe('every pod template', () => {
  it('is there to be looked at', () => {
    expect(
      deployments()
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    ).toEqual(['kes-injector-controller', 'kes-injector-webhook'])
  })

  it('runs as no root and with the default seccomp profile', () => {
    for (const each of deployments()) {
      const { securityContext = {} } = podSpec(each)
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      expect(securityContext['runAsUser']).toBeGreaterThan(0)
      for (const risky of ['sysctls', 'windowsOptions', 'seLinuxOptions', 'appArmorProfile'])
        expect(securityContext).not.toHaveProperty(risky)
    }
  })

  it('gives its containers no privilege and no capability', () => {
    for (const each of deployments()) {
      const { containers, initContainers = [] } = podSpec(each)
      for (const { securityContext, ...container } of [...containers, ...initContainers]) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        const ports = (container['ports'] ?? []) as readonly object[]
        for (const port of ports) expect(port).not.toHaveProperty('hostPort')
      }
    }
  })

  it('shares nothing with its node', () => {
    const allowed = [
      'configMap',
      'csi',
      'downwardAPI',
      'emptyDir',
      'ephemeral',
      'persistentVolumeClaim',
      'projected',
      'secret',
    ]
    for (const each of deployments()) {
      const spec = podSpec(each)
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers']) expect(spec).not.toHaveProperty(field)
      for (const { name, ...source } of spec.volumes ?? [])
        expect(allowed, String(name)).toEqual(expect.arrayContaining(Object.keys(source)))
    }
  })

  it('mounts one Secret at most: the certificate that the webhook serves', () => {
    const secrets = deployments().flatMap((each) =>
      (podSpec(each).volumes ?? []).flatMap((volume) => {
        const { secretName } = (volume['secret'] ?? {}) as { secretName?: string }
        return secretName ?? []
      }),
    )
    expect(secrets).toEqual(['kes-injector-webhook-tls'])
  })
})

interface Granted {
  readonly kind: 'ClusterRole' | 'Role'
  readonly name: string
  readonly rules: readonly string[]
}

const ruleText = ({ apiGroups, resources, resourceNames, verbs }: Rule): string =>
  [
    resources.map((resource) => [resource, ...apiGroups.filter((group) => group !== '')].join('.')).join(','),
    ...(resourceNames ? [`(${resourceNames.join(',')})`] : []),
    verbs.join(','),
  ].join(' ')
const granted = (): readonly Granted[] =>
  objects
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
    .map(({ kind, metadata: { name }, rules }) => ({
      kind: kind as Granted['kind'],
      name,
      rules: (rules as readonly Rule[]).map(ruleText),
    }))

describe('who may do what', () => {
  // A change here is a change of what a stolen token can do: docs/explanation has to say why.
  const expected: readonly Granted[] = [
    {
      kind: 'ClusterRole',
      name: 'kes-injector-controller',
      rules: [
        'namespaces get,list,watch',
        'keyservers.kes-injector.io get,list,watch',
        'keyservers/status.kes-injector.io,kesidentities/status.kes-injector.io update',
        'kesidentities.kes-injector.io get,list,watch,create,update',
        'pods get,list',
        'tenants.minio.min.io get,list,watch',
        'customresourcedefinitions.apiextensions.k8s.io (tenants.minio.min.io) get,list,watch',
        'secrets (kes-client,kes-tenant-client,kes-tenant-server,kes-sidecar) get,list,watch,create,patch',
        'secrets (kes-client,kes-sidecar) delete',
        'mutatingwebhookconfigurations.admissionregistration.k8s.io (kes-injector) get,list,watch,patch',
        'events.events.k8s.io create,patch',
      ],
    },
    {
      kind: 'ClusterRole',
      name: 'kes-injector-webhook',
      rules: ['namespaces get,list,watch', 'keyservers.kes-injector.io,kesidentities.kes-injector.io get,list,watch'],
    },
    {
      kind: 'Role',
      name: 'kes-injector-controller',
      rules: [
        'secrets get,list,watch,create,update,delete',
        'configmaps get,list,watch,create,update',
        'services get,create,patch',
        'pods get,list,watch,delete,patch',
        'statefulsets.apps get,create,patch',
        'poddisruptionbudgets.policy get,create,patch',
        'networkpolicies.networking.k8s.io get,create,patch',
        'certificaterequests.cert-manager.io get,create,delete',
        'leases.coordination.k8s.io create',
        'leases.coordination.k8s.io (kes-injector-controller) get,update',
      ],
    },
  ]

  it('is this table and nothing else', () => {
    const byName = (one: Granted, other: Granted) =>
      `${one.kind} ${one.name}`.localeCompare(`${other.kind} ${other.name}`)
    expect(granted().toSorted(byName)).toEqual(expected)
  })

  it('is granted to the accounts of the release only', () => {
    const bindings = objects.filter(({ kind }) => kind.endsWith('Binding') && !kind.startsWith('Validating'))
    for (const { metadata, roleRef, subjects } of bindings) {
      expect(roleRef).toMatchObject({ name: metadata.name })
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: metadata.name, namespace }])
    }
    expect(bindings).toHaveLength(expected.length)
  })

  it('never reaches a Secret of the cluster without naming it', () => {
    for (const { kind, rules } of objects)
      if (kind === 'ClusterRole')
        for (const { resources, resourceNames = [] } of rules as readonly Rule[])
          if (resources.includes('secrets')) expect(resourceNames.length).toBeGreaterThan(0)
  })

  it('has no wildcard, and no way to more rights', () => {
    for (const { rules } of granted())
      for (const rule of rules)
        expect(rule).not.toMatch(/\*|escalate|bind|impersonate|serviceaccounts|token|rolebinding/)
  })

  it('names the Secrets that the values list besides', async () => {
    const more = await render({ workloadSecretNames: ['kes-other'] })
    const { rules } = named(more, 'ClusterRole', 'kes-injector-controller')
    const ofSecrets = (rules as readonly Rule[]).find(({ resources }) => resources.includes('secrets'))
    expect(ofSecrets?.resourceNames).toContain('kes-other')
  })
})
