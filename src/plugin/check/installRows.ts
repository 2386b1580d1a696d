import type { MutatingWebhookConfiguration } from '../../kube/resources.ts'
import { listOf, member, memberAt } from '../../minio/shape.ts'
import { certificatesIn } from '../../pki/pair.ts'
import { PkiError } from '../../pki/pkiError.ts'
import type { Deployment } from '../resources.ts'
import { installedNames } from '../installation.ts'
import type { Seen } from '../seen.ts'
import { isPast, when } from '../when.ts'
import type { Observed } from './observe.ts'
import { doubtful, failed, ok, rowOf, type Row } from './row.ts'

/** The chart's own bound (Chart.yaml, kubeVersion). */
const oldestMinor = 30
/** From here on the controller has not renewed what it should have (webhook certificates live for weeks). */
const soonMs = 7 * 24 * 3_600_000

/** What the chart installs. */
export function installRows(observed: Observed, now: Date): readonly Row[] {
  const { definitions, installation, controllerDeployment, policies, bindings } = observed
  const { webhookConfiguration, mutatingPolicy, webhookDeployment } = installation
  const policyMode = mutatingPolicy.is === 'found' && webhookConfiguration.is !== 'found'
  return [
    versionRow(observed.serverVersion),
    ...definitions.map(([name, seen]) => rowOf(`definition ${name}`, seen, (value) => established(name, value))),
    ...(policyMode
      ? [ok(`injection policy ${installedNames.mutatingPolicy}`, 'injection.mode is Policy: no webhook is needed')]
      : [
          rowOf(
            `webhook configuration ${installedNames.webhookConfiguration}`,
            webhookConfiguration,
            (value) => bundleRow(value, now),
            'it is not there: is kes-injector installed?',
          ),
          deploymentRow(installedNames.webhook, webhookDeployment),
        ]),
    deploymentRow(installedNames.controller, controllerDeployment),
    ...policies.map(([name, seen]) => guardRow(name, seen, bindings.find(([each]) => each === name)?.[1])),
  ]
}

function versionRow(version: string): Row {
  const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const enough = Number(major) > 1 || (Number(major) === 1 && Number(minor) >= oldestMinor)
  const what = 'Kubernetes version'
  return enough ? ok(what, version) : failed(what, `${version}: 1.${oldestMinor} or later is needed`)
}

function established(name: string, definition: unknown): Row {
  const what = `definition ${name}`
  const conditions = listOf(memberAt(definition, 'status', 'conditions')) ?? []
  const isEstablished = conditions.some(
    (each) => member(each, 'type') === 'Established' && member(each, 'status') === 'True',
  )
  return isEstablished ? ok(what) : failed(what, 'it is not established')
}

/** Which authority the API server believes the webhook by, and until when. */
function bundleRow({ webhooks = [] }: MutatingWebhookConfiguration, now: Date): Row {
  const what = `webhook configuration ${installedNames.webhookConfiguration}`
  const bundles = webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? '')
  if (bundles.length === 0) return failed(what, 'it names no webhook')
  if (bundles.includes(''))
    return failed(what, 'it has no caBundle yet, so the API server believes no webhook: does a controller run?')
  try {
    const ends = bundles.map((bundle) => latestEnd(Buffer.from(bundle, 'base64').toString('utf8')))
    const first = ends.toSorted()[0]
    if (first === undefined || ends.includes('')) return failed(what, 'caBundle holds no certificate')
    if (isPast(first, now)) return failed(what, `the authority in caBundle ended: ${when(first, now)}`)
    const soon = Date.parse(first) - now.getTime() < soonMs
    return (soon ? doubtful : ok)(what, `authority until ${when(first, now)}`)
  } catch (error) {
    if (error instanceof PkiError) return failed(what, `caBundle cannot be read: ${error.message}`)
    throw error
  }
}

/** Of an old and a new authority together the later one counts; empty where there is none. */
const latestEnd = (pem: string): string =>
  certificatesIn(pem)
    .map(({ validToDate }) => validToDate.toISOString())
    .toSorted()
    .at(-1) ?? ''

function deploymentRow(name: string, seen: Seen<Deployment>): Row {
  return rowOf(`deployment ${name}`, seen, ({ spec, status }) => {
    const [wanted, ready] = [spec?.replicas ?? 1, status?.readyReplicas ?? 0]
    const detail = `${ready} of ${wanted} ready`
    const say = ready === 0 ? failed : ready < wanted ? doubtful : ok
    return say(`deployment ${name}`, detail)
  })
}

// guard.enabled: false is a choice, though one that a person should be reminded of.
function guardRow(name: string, policy: Seen<unknown>, binding: Seen<unknown> | undefined): Row {
  const what = `guard ${name}`
  const gone = policy.is === 'missing' || binding?.is === 'missing'
  return gone
    ? doubtful(what, 'it is not there (chart value guard.enabled), so nothing guards this')
    : rowOf(what, policy, () => ok(what))
}
