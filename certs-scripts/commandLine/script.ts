import { KesError } from '../../src/kes/kesError.ts'
import { PkiError } from '../../src/pki/pkiError.ts'
import { systemRandom, type RandomSource } from '../../src/pki/serialNumber.ts'
import { helpText, parseLine, type Options, type ParsedLine } from './options.ts'
import { ScriptError } from './scriptError.ts'

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

/** What a script touches of the world beside files. */
export interface Surroundings {
  readonly now: () => Date
  readonly random: RandomSource
  /** The result: what a pipe or a file gets. */
  readonly print: (text: string) => void
  /** What a person is told beside the result. */
  readonly say: (text: string) => void
}

/** One executable file of this folder. */
export interface Script<O extends Options> {
  readonly name: string
  readonly summary: string
  readonly options: O
  /** What stands for the files in the usage; none: no file is taken. */
  readonly files?: string
  readonly notes?: readonly string[]
  readonly examples: readonly string[]
  /** Answers whether all is well. Throws ScriptError, PkiError or KesError for what a person can mend. */
  readonly run: (line: ParsedLine<O>, surroundings: Surroundings) => boolean | Promise<boolean>
}

/** Runs a script; answers its exit code. */
export async function runScript<O extends Options>(
  script: Script<O>,
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { name, summary, options, files, notes = [], examples } = script
  if (argv.includes('--help') || argv.includes('-h')) {
    const usage = `${name} [FLAGS]${files === undefined ? '' : ` ${files}`}`
    surroundings.print(helpText({ usage, summary, options, notes, examples }))
    return exitCodes.ok
  }
  try {
    const well = await script.run(parseLine(options, argv, files !== undefined), surroundings)
    return well ? exitCodes.ok : exitCodes.failed
  } catch (error) {
    if (!(error instanceof ScriptError || error instanceof PkiError || error instanceof KesError)) throw error
    const usage = isWrongUsage(error)
    surroundings.say(`${name}: ${error.message}\n${usage ? `See ${name} --help\n` : ''}`)
    return usage ? exitCodes.usage : exitCodes.failed
  }
}

/** Runs a script as this process. */
export async function main<O extends Options>(script: Script<O>): Promise<void> {
  // Whatever is written here may be a key: nobody but the caller is to read it.
  process.umask(0o077)
  process.exitCode = await runScript(script, process.argv.slice(2), {
    now: () => new Date(),
    random: systemRandom,
    print: (text) => void process.stdout.write(text),
    say: (text) => void process.stderr.write(text),
  })
}

// Names and lifetimes come from flags; what comes from files is wrapped with the file's name (reading.ts).
const isWrongUsage = ({ code }: ScriptError | PkiError | KesError): boolean =>
  code === 'Usage' || code === 'NameInvalid' || code === 'LifetimeInvalid'
