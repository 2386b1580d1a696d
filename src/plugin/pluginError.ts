/** Why a command of the plugin can't answer. */
export type PluginErrorCode = 'NotFound' | 'FileUnreadable' | 'Refused'

/** The one error of this room. Its message is made for the person at the command line and holds no value of a Secret. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code: PluginErrorCode

  constructor(code: PluginErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
