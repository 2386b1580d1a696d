import { readFileSync } from 'node:fs'
import type { Target } from './target.ts'

/** A MinIO of the demo: one namespace, applied in one go, with a pod beside it that runs mc. */
export interface MinioDemo {
  readonly apply: () => Promise<void>
  readonly mc: (args: readonly string[], stdin?: string) => Promise<string>
  /** Files of MinIO's volume in which a text stands in clear. */
  readonly filesWith: (text: string) => Promise<readonly string[]>
  readonly ready: () => Promise<void>
}

interface Options {
  readonly namespace: string
  readonly injected: boolean
}

const manifest = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

const filled = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)

/** The root credentials of a MinIO that lives for a minute, on a network of its own. */
const credentials = { rootUser: 'demo-root', rootPassword: 'demo-root-password' }

export function minioDemo({ kubectl, images }: Target, { namespace, injected }: Options): MinioDemo {
  const values = {
    namespace,
    inject: injected ? 'enabled' : 'disabled',
    minioImage: `${images.minio.repository}:${images.minio.tag}`,
    mcImage: `${images.mc.repository}:${images.mc.tag}`,
    ...credentials,
  }
  return {
    async apply() {
      const all = `${filled(manifest('minio.yaml'), values)}---\n${filled(manifest('mc.yaml'), values)}`
      await kubectl(['apply', '-f', '-'], { stdin: all })
    },
    mc: (args, stdin) =>
      kubectl(['exec', ...(stdin === undefined ? [] : ['-i']), '-n', namespace, 'mc', '--', 'mc', ...args], {
        ...(stdin === undefined ? {} : { stdin }),
        timeoutMs: 60_000,
      }),
    async filesWith(text) {
      // grep ends with 1 where it finds nothing, which is no failure here.
      const script = 'grep -rlF -- "$1" /export || [ $? -eq 1 ]'
      const listed = await kubectl(['exec', '-n', namespace, 'deploy/minio', '--', 'sh', '-c', script, 'sh', text])
      return listed.split('\n').filter((line) => line !== '')
    },
    async ready() {
      await kubectl(['rollout', 'status', '-n', namespace, 'deploy/minio', '--timeout=180s'])
      await kubectl(['wait', '-n', namespace, '--for=condition=Ready', 'pod/mc', '--timeout=60s'])
    },
  }
}
