import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { attempt, type CommandResult } from '../../rig/command.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'

/** A rendered object; what a test reads below `spec` it looks at itself. */
export interface Rendered {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

export const namespace = 'kes-system'

const newestKubernetes = [
  ...['--kube-version', '1.36.0'],
  ...['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'],
]

/** `helm template` with these values besides the defaults, for a Kubernetes that has all that the chart may use. */
export async function helmTemplate(values: object = {}): Promise<CommandResult> {
  const helm = await ensureProgram('helm')
  const home = await mkdtemp(join(tmpdir(), 'kes-injector-helm-'))
  try {
    return await attempt(
      helm,
      ['template', 'kes', 'charts/kes-injector', '--namespace', namespace, ...newestKubernetes, '--values', '-'],
      {
        stdin: JSON.stringify(values),
        environment: { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home },
      },
    )
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** The text of the chart, rendered with these values besides the defaults. Throws what helm says. */
export async function renderText(values: object = {}): Promise<string> {
  const { code, stdout, stderr } = await helmTemplate(values)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

/** Its objects. */
export async function render(values: object = {}): Promise<readonly Rendered[]> {
  return parseAllDocuments(await renderText(values))
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null)
}

export function named(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const object = objects.find((each) => each.kind === kind && each.metadata.name === name)
  if (!object) throw new Error(`there is no ${kind} ${name}`)
  return object
}
