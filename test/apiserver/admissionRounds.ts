import { auditLines } from '../fixtures/auditLines.ts'

/** One call of a mutating webhook as the API server tells it in its audit log, key `mutation.webhook.admission.k8s.io/round_N_index_M`. */
export interface WebhookRound {
  /** 0: the first; 1: once more, because another one changed the object after it (`reinvocationPolicy: IfNeeded`). */
  readonly round: number
  readonly webhook: string
  /** Whether its answer changed the object. */
  readonly mutated: boolean
}

interface AuditEvent {
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly subresource?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

const key = /^mutation\.webhook\.admission\.k8s\.io\/round_(\d+)_index_\d+$/
const writing = ['create', 'update', 'patch']

/** The calls of every write of such objects in a namespace that was no dry-run, write by write, in the order of the log. */
export function webhookRounds(
  auditLog: string,
  wanted: { readonly resource: string; readonly namespace: string },
): readonly (readonly WebhookRound[])[] {
  return auditLines(auditLog)
    .filter((line) => line.includes(wanted.namespace))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ stage, verb, requestURI, objectRef }) => {
      const isWrite = stage === 'ResponseComplete' && writing.includes(verb) && !requestURI.includes('dryRun')
      const isWanted = objectRef?.resource === wanted.resource && objectRef.namespace === wanted.namespace
      return isWrite && isWanted && objectRef.subresource === undefined
    })
    .map(({ annotations = {} }) => Object.entries(annotations).flatMap(([name, value]) => roundIn(name, value)))
}

function roundIn(name: string, value: string): readonly WebhookRound[] {
  const [, round] = key.exec(name) ?? []
  if (round === undefined) return []
  const { webhook, mutated } = JSON.parse(value) as { webhook: string; mutated: boolean }
  return [{ round: Number(round), webhook, mutated }]
}
