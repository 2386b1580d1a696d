import request from 'supertest'
import { describe, expect, it } from 'vitest'
import { healthApp, startHealthServer, type HealthParts } from '../../../src/observe/healthServer.ts'
import { createLog } from '../../../src/observe/log.ts'
import { createMeter } from '../../../src/observe/metrics.ts'

const log = createLog({ level: 'error', to: { write: () => undefined } })
const parts: HealthParts = { liveness: {}, readiness: { synced: () => 'not yet' }, meter: createMeter(), log }

describe('the health server', () => {
  it('answers for liveness and readiness each from its own checks', async () => {
    const app = healthApp(parts)
    const alive = await request(app).get('/healthz')
    expect([alive.status, alive.body]).toEqual([200, { status: 'ok', checks: {} }])
    const ready = await request(app).get('/readyz')
    expect([ready.status, ready.body]).toEqual([503, { status: 'failing', checks: { synced: 'not yet' } }])
  })

  it('exposes the metrics as Prometheus reads them', async () => {
    const { status, text, headers } = await request(healthApp(parts)).get('/metrics')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('kes_injector_leader')
  })

  it('says what it is made of to nobody', async () => {
    const { headers } = await request(healthApp(parts)).get('/healthz')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('etag')
  })

  it.each(['/', '/healthz/x', '/%', '/metrics/../../etc/passwd'])(
    'answers %s in JSON, and not with a page',
    async (path) => {
      const { status, headers } = await request(healthApp(parts)).get(path)
      expect([400, 404]).toContain(status)
      expect(headers['content-type']).toContain('application/json')
    },
  )

  it('answers 500 in JSON when the metrics fail, without saying why', async () => {
    const meter = { ...createMeter(), expose: () => Promise.reject(new Error('hunter2')) }
    const { status, text } = await request(healthApp({ ...parts, meter })).get('/metrics')
    expect([status, text]).toEqual([500, '{"error":"Internal"}'])
  })

  it('listens where it is told and stops when it is told', async () => {
    const server = await startHealthServer(parts, 0, '127.0.0.1')
    const url = `http://127.0.0.1:${server.port}/healthz`
    expect((await fetch(url)).status).toBe(200)
    await server.close()
    await expect(fetch(url)).rejects.toThrow()
  })

  it('rejects when the port is taken', async () => {
    const server = await startHealthServer(parts, 0, '127.0.0.1')
    await expect(startHealthServer(parts, server.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await server.close()
  })
})
