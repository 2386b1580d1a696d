import type { Log } from '../observe/log.ts'
import type { Meter } from '../observe/metrics.ts'
import type { Answered } from './handler.ts'
import type { Refusal } from './refusal.ts'

/** Name of our one webhook in logs and metrics. */
const webhook = 'mutate'

/** Told of everything that the port answers. */
export interface Observer {
  answered(answered: Answered, durationMs: number): void
  refused(refusal: Refusal, durationMs: number): void
  /** What came was no HTTP, or came too slowly. */
  unreadable(refusal: Refusal): void
  /** A handshake came to nothing: a scanner, or an API server that does not trust our certificate. */
  handshakeFailed(error: unknown): void
  /** The port itself has trouble, with too few file descriptors for instance. */
  troubled(error: unknown): void
}

/**
 * One log line and one count for each request. No text of the request's gets in but names, cut and in JSON.
 *
 * Reviews with `ownUid`, which nobody else can know, are the process asking itself: they are no traffic.
 */
export function accessLog(log: Log, meter: Meter, ownUid?: string): Observer {
  return {
    answered: ({ review: { uid, request }, decision }, durationMs) => {
      if (uid === ownUid) return
      const { outcome, reason } = decision
      const operation = knownOperations.has(request.operation) ? request.operation : 'other'
      meter.count('admission_requests_total', { webhook, operation, outcome, reason })
      meter.observe('admission_duration_seconds', { webhook, outcome }, durationMs / 1000)
      log.info('review answered', {
        webhook,
        operation,
        outcome,
        reason,
        kind: short(request.kind),
        namespace: short(request.namespace),
        name: short(request.name),
        uid,
        durationMs: rounded(durationMs),
      })
    },
    refused: (refusal, durationMs) => {
      meter.count('admission_requests_total', { webhook, operation: 'none', outcome: 'refused', reason: refusal.code })
      meter.observe('admission_duration_seconds', { webhook, outcome: 'refused' }, durationMs / 1000)
      const fields = { webhook, outcome: 'refused', reason: refusal.code, durationMs: rounded(durationMs) }
      // Only the causes of our own failures are told: those of bad requests are texts of the request's.
      if (refusal.status >= 500) log.error(refusal.message, { ...fields, error: refusal.cause })
      else log.warn(refusal.message, fields)
    },
    unreadable: ({ code, message }) => {
      meter.count('admission_requests_total', { webhook, operation: 'none', outcome: 'refused', reason: code })
      log.warn(message, { webhook, outcome: 'refused', reason: code })
    },
    // Anybody can make handshakes fail, thousands a second: no line each unless it is asked for.
    handshakeFailed: (error) => log.debug('a TLS handshake failed', { webhook, error }),
    troubled: (error) => log.error('the admission port has trouble', { webhook, error }),
  }
}

/** A label's values are a closed set, whatever is sent. */
const knownOperations: ReadonlySet<string> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])

const longestName = 253
const short = (text: string): string => (text.length > longestName ? `${text.slice(0, longestName)}…` : text)

const rounded = (durationMs: number): number => Math.round(durationMs * 1000) / 1000
