import { describe, expect, it } from 'vitest'
import { accessLog } from '../../../src/admission/accessLog.ts'
import { Refusal } from '../../../src/admission/refusal.ts'
import { answer } from '../../../src/admission/response.ts'
import { skip } from '../../../src/injection/decision.ts'
import { createLog } from '../../../src/observe/log.ts'
import { createMeter } from '../../../src/observe/metrics.ts'
import { podRequest } from '../../fixtures/requests.ts'

function observed() {
  const lines: string[] = []
  const meter = createMeter()
  const log = createLog({ level: 'info', to: { write: (line: string) => void lines.push(line) } })
  return { lines, meter, observer: accessLog(log, meter) }
}
const answered = (change: Parameters<typeof podRequest>[1] = {}) => {
  const review = { apiVersion: 'admission.k8s.io/v1', uid: 'u-1', request: podRequest({}, change) } as const
  const decision = skip('NotMinio')
  return { review, decision, reply: answer(review, decision) }
}

describe('the access log', () => {
  it('has one line for a review, and counts it once', async () => {
    const { lines, meter, observer } = observed()
    observer.answered(answered(), 1.23456)
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      webhook: 'mutate',
      operation: 'CREATE',
      outcome: 'skip',
      reason: 'NotMinio',
      namespace: 'team-a',
      name: 'minio-0',
      uid: 'u-1',
      durationMs: 1.235,
    })
    const { body } = await meter.expose()
    expect(body).toContain(
      'kes_injector_admission_requests_total{webhook="mutate",operation="CREATE",outcome="skip",reason="NotMinio"} 1',
    )
    expect(body).toMatch(/kes_injector_admission_duration_seconds_count\{webhook="mutate",outcome="skip"\} 1/)
  })

  it('cuts and escapes what was sent, and makes no new label of it', async () => {
    const { lines, meter, observer } = observed()
    observer.answered(answered({ operation: 'x"}\n', name: `a\n${'b'.repeat(100_000)}`, kind: '\u001b[31m' }), 1)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.trimEnd()).not.toMatch(/[\n\u001b]/)
    expect(lines[0]?.length).toBeLessThan(1000)
    expect((await meter.expose()).body).toContain('operation="other"')
  })

  it('tells the cause of a failure of ours, and not that of a bad request', () => {
    const { lines, observer } = observed()
    observer.refused(new Refusal('Internal', 'could not', { cause: new Error('why') }), 1)
    observer.refused(new Refusal('BadRequest', 'not JSON', { cause: new Error('theirs') }), 1)
    expect(lines[0]).toContain('why')
    expect(lines[1]).not.toContain('theirs')
  })
})
