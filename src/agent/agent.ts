import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../observe/log.ts'
import { findKes } from './kesProcess.ts'
import { hashIn, lookAt } from './mountedFiles.ts'
import { loadOf, shallReload } from './reloads.ts'

export interface AgentOptions {
  /** Path of KES's configuration file. */
  readonly configuration: string
  readonly tlsDirectory: string
  /** Port of KES in this pod. */
  readonly kesPort: number
  readonly everyMs: number
  readonly log: Log
  readonly signal: AbortSignal
}

export interface AgentState {
  /** When it last looked without an error, in Unix milliseconds. */
  readonly lookedAt: number | undefined
  /** Hash of the configuration that lay there when KES was last told to reload; undefined: not told yet. */
  readonly told: string | undefined
}

export interface Agent {
  state(): AgentState
  /** Resolves after the signal was aborted. */
  readonly ended: Promise<void>
}

/** Makes KES reload after its configuration or its certificate was exchanged. What KES makes of it the controller asks KES itself. */
export function startAgent(options: AgentOptions): Agent {
  const { configuration, tlsDirectory, kesPort, everyMs, log, signal } = options
  let state: AgentState = { lookedAt: undefined, told: undefined }
  let alreadyTold: string | undefined
  let complained = ''

  async function look(): Promise<void> {
    const mounted = await lookAt([dirname(configuration), tlsDirectory])
    const kes = await findKes(configuration)
    const bootedAt = Date.now() - Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000
    state = { ...state, lookedAt: Date.now() }
    const due = { mounted, kes, bootedAt, listening: true }
    // A connection leaves a line in KES's log, so it is tried only where it matters.
    if (!kes || !shallReload(due, alreadyTold) || !(await isOpen(kesPort))) return
    const hash = hashIn(await readFile(configuration, 'utf8'))
    process.kill(kes.pid, 'SIGHUP')
    alreadyTold = loadOf(due)
    state = { ...state, told: hash }
    log.info('told KES to reload', { process: kes.pid, configuration: hash })
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        await look()
        complained = ''
      } catch (error) {
        const said = error instanceof Error ? error.message : 'unknown'
        // Each trouble is complained of once, not every second.
        if (said !== complained) log.warn('cannot look at the files of KES; trying again', { error })
        complained = said
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }

  return { state: () => state, ended: follow() }
}

const answerMs = 1_000

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: answerMs })
    const answer = (open: boolean): void => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}
