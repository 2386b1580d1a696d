import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { health, type Checks } from './health.ts'
import type { Log } from './log.ts'
import type { Meter } from './metrics.ts'

export interface HealthParts {
  /** Failing: the kubelet restarts the container. Only what a restart can cure belongs here. */
  readonly liveness: Checks
  /** Failing: no traffic for this pod. */
  readonly readiness: Checks
  readonly meter: Meter
  readonly log: Log
}

/** The routes `/healthz`, `/readyz` and `/metrics`; all else is 404, in JSON. */
export function healthApp({ liveness, readiness, meter, log }: HealthParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.get('/healthz', (_request, response) => {
    const { status, body } = health(liveness)
    response.status(status).json(body)
  })
  app.get('/readyz', (_request, response) => {
    const { status, body } = health(readiness)
    response.status(status).json(body)
  })
  app.get('/metrics', async (_request, response) => {
    const { contentType, body } = await meter.expose()
    response.type(contentType).send(body)
  })
  app.use((_request, response) => {
    response.status(404).json({ error: 'NotFound' })
  })
  // Express knows an error handler by its four parameters.
  const failed: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    log.error('a health or metrics request failed', { error })
    response.status(500).json({ error: 'Internal' })
  }
  app.use(failed)
  return app
}

export interface HealthServer {
  /** The port it got; of interest where it was started with 0. */
  readonly port: number
  close(): Promise<void>
}

/** Plain HTTP on a port of its own: the kubelet and Prometheus ask here, and nothing it says is secret. */
export async function startHealthServer(parts: HealthParts, port: number, host?: string): Promise<HealthServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, healthApp(parts))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  server.on('error', (error) => parts.log.error('the health server failed', { error }))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
