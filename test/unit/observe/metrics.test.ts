import { describe, expect, it } from 'vitest'
import { createMeter, metricPrefix, metrics, type Meter, type MetricDeclaration } from '../../../src/observe/metrics.ts'

describe('the metrics', () => {
  it('are all exposed under their prefix with their help, moved or not', async () => {
    const { body, contentType } = await createMeter().expose()
    expect(contentType).toContain('text/plain')
    for (const [name, { help, kind }] of Object.entries<MetricDeclaration>(metrics)) {
      expect(body).toContain(`# HELP ${metricPrefix}${name} ${help}\n# TYPE ${metricPrefix}${name} ${kind}`)
    }
  })

  it('move when they are told to', async () => {
    const meter = createMeter()
    const review = { webhook: 'pods', operation: 'CREATE', outcome: 'inject', reason: 'Injected' }
    meter.count('admission_requests_total', review)
    meter.count('admission_requests_total', review, 2)
    meter.observe('admission_duration_seconds', { webhook: 'pods', outcome: 'inject' }, 0.0004)
    meter.set('leader', {}, 1)
    const { body } = await meter.expose()
    const labels = 'webhook="pods",operation="CREATE",outcome="inject",reason="Injected"'
    expect(body).toContain(`kes_injector_admission_requests_total{${labels}} 3`)
    expect(body).toMatch(/admission_duration_seconds_bucket\{le="0.00025",.*\} 0\n/)
    expect(body).toMatch(/admission_duration_seconds_bucket\{le="0.0005",.*\} 1\n/)
    expect(body).toContain('kes_injector_leader 1')
  })

  it('follow what changes by itself, and forget series that are gone', async () => {
    const meter = createMeter()
    let ages = [[{ resource: 'pods' }, 3] as const, [{ resource: 'namespaces' }, 4] as const]
    meter.follow('watch_last_event_age_seconds', () => ages)
    expect((await meter.expose()).body).toContain('watch_last_event_age_seconds{resource="namespaces"} 4')
    ages = ages.slice(0, 1)
    const { body } = await meter.expose()
    expect(body).toContain('watch_last_event_age_seconds{resource="pods"} 3')
    expect(body).not.toContain('namespaces')
  })

  it('drop one series when told', async () => {
    const meter = createMeter()
    const labels = { kind: 'client', name: 'tenant/default' }
    meter.set('certificate_not_after_seconds', labels, 1_000)
    meter.drop('certificate_not_after_seconds', labels)
    expect((await meter.expose()).body).not.toContain('tenant/default')
  })

  it('do not compile when they are not declared so', () => {
    const wrong = (meter: Meter) => {
      // @ts-expect-error no such metric
      meter.count('admission_request_total', {})
      // @ts-expect-error not a counter
      meter.count('leader', {})
      // @ts-expect-error a label is missing
      meter.set('certificate_not_after_seconds', { kind: 'client' }, 1)
    }
    expect(wrong).toBeTypeOf('function')
  })

  it('have names, kinds and labels as Prometheus wants them', () => {
    for (const [name, { kind, labels, help }] of Object.entries<MetricDeclaration>(metrics)) {
      expect(name).toMatch(/^[a-z][a-z_]+[a-z]$/)
      expect(name.endsWith('_total')).toBe(kind === 'counter')
      expect(help).toMatch(/\.$/)
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
    }
  })
})
