/** What the launcher of images/kes-stateful said last. */
export interface LauncherSaid {
  readonly message: string
  readonly sha256: string | undefined
}

/** Reads the last JSON line that the launcher wrote; what else stands there is quoted, shortened. */
export function launcherSays(stderr: string): LauncherSaid {
  const last = stderr.trim().split('\n').at(-1) ?? ''
  try {
    const said = JSON.parse(last) as { readonly msg?: unknown; readonly sha256?: unknown }
    return {
      message: typeof said.msg === 'string' ? said.msg : '',
      sha256: typeof said.sha256 === 'string' ? said.sha256 : undefined,
    }
  } catch {
    return { message: last.slice(0, 200).replace(/\p{Cc}+/gu, ' '), sha256: undefined }
  }
}
