import { settingsTable, type SettingsSchema } from '../config/settings.ts'

/** The text of `--help` of a process: every flag with its variable and what it is for. */
export function settingsHelp(command: string, schema: SettingsSchema<unknown>): string {
  const rows = settingsTable(schema)
  const lines = rows.map(([flag, variable, description]) => `  ${flag}  (${variable})\n      ${description}`)
  return [`Usage: kes-injector ${command} [FLAGS]`, '', ...lines, ''].join('\n')
}
