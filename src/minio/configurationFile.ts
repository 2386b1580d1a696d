/** A line of MinIO's configuration file that sets a variable. Its value stays where it was read. */
export interface FileVariable {
  readonly name: string
  /** Whether the line begins with `export `: operators from v6 on pass over all other lines (operator tenant_configuration.go). */
  readonly exported: boolean
  /** Whether it says what `known` says; undefined where that says nothing of this name. */
  readonly same: boolean | undefined
}

/**
 * The variables of a `config.env`, as MinIO reads the file (`MINIO_CONFIG_ENV_FILE`; MinIO cmd/config-env.go, seen by real runs): a line
 * `NAME=value`, perhaps with `export` before it and quotes around the value; a later line wins. The values are only compared with what
 * is known and never given away: the file holds root's password, and often a key.
 */
export function readConfigurationFile(text: string, known: ReadonlyMap<string, string>): readonly FileVariable[] {
  const found = new Map<string, FileVariable>()
  for (const line of text.split('\n')) {
    const variable = readLine(line, known)
    if (variable) found.set(variable.name, variable)
  }
  return [...found.values()]
}

function readLine(line: string, known: ReadonlyMap<string, string>): FileVariable | undefined {
  const bare = line.trim()
  if (bare.startsWith('#')) return undefined
  const [, assignment = ''] = /^(?:export)?\s*(.*)$/.exec(bare) ?? []
  const equals = assignment.indexOf('=')
  const name = assignment.slice(0, equals)
  if (equals < 1 || !isVariableName(name)) return undefined
  const expected = known.get(name)
  const value = assignment.slice(equals + 1).replaceAll(/^["']|["']$/g, '')
  return { name, exported: line.startsWith('export '), same: expected === undefined ? undefined : expected === value }
}

const isVariableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,255}$/.test(name)
