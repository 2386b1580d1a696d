import type { Socket } from 'node:net'

interface State {
  readonly generation: number
  inFlight: number
  /** When it was last opened or answered, on a clock that counts only that. */
  usedAt: number
}

/**
 * The established connections of a server.
 *
 * It knows which of them still use an older certificate, so that they can be asked to close with their next answer, and
 * makes room for new ones by closing idle ones: whoever opens a thousand connections and says nothing locks nobody out.
 */
export class Connections {
  readonly #most: number
  readonly #states = new Map<Socket, State>()
  #generation = 0
  #uses = 0

  constructor(most: number) {
    this.#most = most
  }

  get count(): number {
    return this.#states.size
  }

  /** From now on, connections that are open are old. */
  newGeneration(): void {
    this.#generation++
  }

  opened(socket: Socket): void {
    if (this.#states.size >= this.#most) this.#makeRoom()
    this.#states.set(socket, { generation: this.#generation, inFlight: 0, usedAt: ++this.#uses })
    socket.once('close', () => this.#states.delete(socket))
  }

  /** A request begins on the connection. */
  begins(socket: Socket): void {
    const state = this.#states.get(socket)
    if (state) state.inFlight++
  }

  /** It has been answered, or given up. */
  ends(socket: Socket): void {
    const state = this.#states.get(socket)
    if (!state) return
    state.inFlight--
    state.usedAt = ++this.#uses
  }

  /** Whether the connection was opened before the last change of the certificate. */
  isOld(socket: Socket): boolean {
    const state = this.#states.get(socket)
    return state !== undefined && state.generation < this.#generation
  }

  /** Closes the one that is idle the longest. A look at all of them, but only where somebody opens a thousand. */
  #makeRoom(): void {
    let longest: Socket | undefined
    let usedAt = Infinity
    for (const [socket, state] of this.#states) {
      if (state.inFlight > 0 || state.usedAt >= usedAt) continue
      longest = socket
      usedAt = state.usedAt
    }
    if (longest === undefined) return
    this.#states.delete(longest)
    longest.destroy()
  }
}
