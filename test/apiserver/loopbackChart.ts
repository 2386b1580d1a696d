import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const chart = join(import.meta.dirname, '../../charts/kes-injector')

/**
 * Copies the chart with two lines changed, because here the webhook is a process of this machine: its Service names `localhost`,
 * and the port is the process's own. The API server then dials loopback and verifies `SERVICE.NAMESPACE.svc` all the same.
 */
export function loopbackChart(folder: string, port: number): string {
  const copy = join(folder, 'kes-injector')
  mkdirSync(folder, { recursive: true })
  cpSync(chart, copy, { recursive: true })
  change(join(copy, 'templates/webhook-configuration.yaml'), /port: 443/, `port: ${port}`)
  change(
    join(copy, 'templates/webhook-service.yaml'),
    /^spec:\n[^]*$/m,
    'spec:\n  type: ExternalName\n  externalName: localhost\n{{- end }}\n',
  )
  return copy
}

function change(file: string, from: RegExp, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold ${String(from)} once`)
  writeFileSync(file, text.replace(from, to))
}
