import { setTimeout as wait } from 'node:timers/promises'
import type { AdmissionServer } from './httpServer.ts'

export interface ShutdownTimes {
  /** How long everything is still served: API servers learn of a pod's end some seconds late (Kubernetes #127335). */
  readonly graceMs: number
  /** How long requests in flight may take after that. */
  readonly hardStopMs: number
}

/** Stops serving without losing a request: answers say goodbye, then the port closes, then what is left is cut. */
export async function shutdown(server: AdmissionServer, { graceMs, hardStopMs }: ShutdownTimes): Promise<void> {
  server.drain()
  await wait(graceMs)
  await server.close(hardStopMs)
}
