import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { imagePrograms } from './launcher.ts'
import { newKeyServer, untilUp, type KeyServer } from './keyServer.ts'

// A cold Go build of KES takes minutes.
beforeAll(imagePrograms, 600_000)

const opened: KeyServer[] = []
const emptyVolume = async (): Promise<KeyServer> => {
  const server = await newKeyServer()
  opened.push(server)
  return server
}
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})

/** One hash over every file below a folder. */
function hashOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name)
    hash.update(name)
    if (statSync(path).isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

describe('launcher init with the real KES', () => {
  it('makes the data directory on an empty volume and leaves nothing else there', async () => {
    const server = await emptyVolume()
    const init = server.init()
    expect(await init.ended, init.output()).toBe(0)
    expect(server.onVolume()).toEqual(['kes'])
    expect(readdirSync(server.data).sort()).toEqual(['.init', '.unseal', 'enclave'])
    expect(init.output()).not.toContain(server.unsealKey)
  })

  it('does nothing the second time, with or without the init file', async () => {
    const server = await emptyVolume()
    await server.init().ended
    const before = hashOf(server.volume)
    for (const prepare of [() => undefined, () => rmSync(server.initFile)]) {
      prepare()
      const again = server.init()
      expect(await again.ended).toBe(0)
      expect(again.output()).toContain('data directory exists, nothing to do')
      expect(hashOf(server.volume)).toBe(before)
    }
  })

  it('refuses an empty volume once the init file is gone: it was lost or swapped', async () => {
    const server = await emptyVolume()
    rmSync(server.initFile)
    const init = server.init()
    expect(await init.ended).toBe(1)
    expect(init.output()).toContain(
      'data directory is empty but this key server has been initialised before: its volume was lost or swapped; restore a backup',
    )
    expect(server.onVolume()).toEqual([])
  })

  it('refuses a directory that holds no sealed root key and leaves it as it is', async () => {
    const server = await emptyVolume()
    mkdirSync(join(server.data, 'enclave'), { recursive: true })
    writeFileSync(join(server.data, 'enclave', 'note'), 'somebody put this here')
    const before = hashOf(server.volume)
    const init = server.init()
    expect(await init.ended).toBe(1)
    expect(init.output()).toContain('exists without .unseal')
    expect(hashOf(server.volume)).toBe(before)
  })

  it('leaves no data directory when KES fails, and works once the reason is gone', async () => {
    const server = await emptyVolume()
    const failed = server.init({})
    expect(await failed.ended).toBe(1)
    expect(failed.output()).toContain('KES_UNSEAL_KEY')
    expect(server.onVolume()).not.toContain('kes')
    expect(await server.init().ended).toBe(0)
    expect(server.onVolume()).toEqual(['kes'])
  })

  it('leaves a whole data directory or none when it is killed at any moment', async () => {
    // The machine may be busy once: the quickest of three is how long it takes.
    let wholeMs = Infinity
    for (let run = 0; run < 3; run++) {
      const measured = await emptyVolume()
      const startedMs = performance.now()
      await measured.init().ended
      wholeMs = Math.min(wholeMs, performance.now() - startedMs)
    }

    let killed = 0
    for (const part of [0.05, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1]) {
      const server = await emptyVolume()
      const init = server.init()
      await delay(wholeMs * part)
      init.process.kill('SIGKILL')
      if ((await init.ended) === null) killed += 1
      const survived = server.onVolume().includes('kes') ? hashOf(server.data) : undefined

      const again = server.init()
      expect(await again.ended, again.output()).toBe(0)
      expect(server.onVolume()).toEqual(['kes'])
      if (survived !== undefined) expect(hashOf(server.data)).toBe(survived)

      const launched = server.serve()
      const admin = server.clientOf(server.admin)
      await untilUp(admin, launched)
      expect(await admin.describeSelf()).toMatchObject({ identity: server.admin.identity, isAdmin: true })
      launched.process.kill('SIGTERM')
      expect(await launched.ended).toBe(0)
    }
    expect(killed, 'a test of kills must have killed').toBeGreaterThan(0)
  }, 120_000)
})
