import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { identitiesIn, type Key, type Lock } from '../../backup/sealing.ts'
import { UsageError } from '../command.ts'
import type { Option, PluginCall } from './pluginCommand.ts'
import { readText } from './readText.ts'

/** Flags that say who may open a new backup. */
export const lockOptions: Readonly<Record<string, Option>> = {
  'passphrase-file': {
    value: 'FILE',
    help: 'the passphrase is the first line of this file; without it it is asked for',
  },
  recipient: {
    short: 'r',
    value: 'AGE1…',
    multiple: true,
    help: 'encrypt for this age recipient in place of a passphrase; may be given several times',
  },
}

/** Flags that say what opens a backup. */
export const keyOptions: Readonly<Record<string, Option>> = {
  'passphrase-file': {
    value: 'FILE',
    help: 'the passphrase is the first line of this file; without it it is asked for',
  },
  identity: { short: 'i', value: 'FILE', help: 'open it with the age identities in this file' },
}

/** Whoever has the file may guess for years: shorter ones are found. */
const shortest = 12

export async function lockOf({ flag, flags }: Pick<PluginCall, 'flag' | 'flags'>): Promise<Lock> {
  const [recipients, file] = [flags('recipient'), flag('passphrase-file')]
  if (recipients.length > 0 && file !== undefined)
    throw new UsageError('give --recipient or --passphrase-file, not both: the age format knows no file with both')
  if (recipients.length > 0) return { recipients }
  const passphrase = file === undefined ? await askedTwice() : firstLine(await readText(file))
  if (passphrase.length < shortest) throw new UsageError(`the passphrase must have ${shortest} characters at least`)
  return { passphrase }
}

export async function keyOf({ flag }: Pick<PluginCall, 'flag'>): Promise<Key> {
  const [identity, file] = [flag('identity'), flag('passphrase-file')]
  if (identity !== undefined && file !== undefined)
    throw new UsageError('give --identity or --passphrase-file, not both')
  if (identity !== undefined) return { identities: identitiesIn(await readText(identity)) }
  return { passphrase: file === undefined ? await asked('Passphrase: ') : firstLine(await readText(file)) }
}

const firstLine = (text: string): string => text.split(/\r?\n/)[0] ?? ''

async function askedTwice(): Promise<string> {
  const passphrase = await asked('Passphrase for the new file: ')
  if ((await asked('The same again: ')) !== passphrase) throw new UsageError('the two passphrases differ')
  return passphrase
}

/** Asks at the terminal; what is typed is not shown. */
async function asked(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError('there is no terminal to ask for the passphrase at: give --passphrase-file')
  process.stderr.write(question)
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('SIGINT', () => reject(new UsageError('no passphrase was given')))
      terminal.once('close', () => reject(new UsageError('no passphrase was given')))
      terminal.question('').then(resolve, reject)
    })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
