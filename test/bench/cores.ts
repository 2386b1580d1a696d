import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const canPin = availableParallelism() >= 2 && spawnSync('taskset', ['--version']).status === 0

/** How servers and client are kept apart, for the reader of the figures. */
export const pinning = canPin
  ? 'servers on core 0, client on core 1'
  : 'servers and client share all cores (no taskset)'

/** The command line of a program that runs on the core of servers, or on the client's. */
export const onCore = (who: 'server' | 'client', command: readonly string[]): readonly string[] =>
  canPin ? ['taskset', '-c', who === 'server' ? '0' : '1', ...command] : command
