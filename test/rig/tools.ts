import { join } from 'node:path'
import { run, type CommandOptions } from './command.ts'

/** kubectl and helm, bound to one API server. Each answers standard output and throws `CommandFailed` with what was said. */
export interface Tools {
  readonly kubectl: (args: readonly string[], options?: CommandOptions) => Promise<string>
  readonly helm: (args: readonly string[], options?: CommandOptions) => Promise<string>
  /** What a program needs in its environment to do the same. */
  readonly environment: Readonly<Record<string, string>>
}

export interface ToolsRequest {
  readonly programs: Readonly<Record<'kubectl' | 'helm', string>>
  readonly kubeconfig: string
  readonly folder: string
}

export function toolsFor({ programs, kubeconfig, folder }: ToolsRequest): Tools {
  const environment = {
    KUBECONFIG: kubeconfig,
    // Discovery is cached by address: a new cluster at the port of an old one would be read wrongly.
    KUBECACHEDIR: join(folder, 'tools/kubectl'),
    HELM_CACHE_HOME: join(folder, 'tools/helm-cache'),
    HELM_CONFIG_HOME: join(folder, 'tools/helm-config'),
    HELM_DATA_HOME: join(folder, 'tools/helm-data'),
  }
  const tool =
    (program: string) =>
    (args: readonly string[], options: CommandOptions = {}) =>
      run(program, args, { ...options, environment: { ...environment, ...options.environment } })
  return { environment, kubectl: tool(programs.kubectl), helm: tool(programs.helm) }
}
