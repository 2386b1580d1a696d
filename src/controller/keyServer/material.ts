import { keyServerWorkload, labels } from '../../api/names.ts'

/** The Secrets of a KeyServer in the release namespace. */
export type Material =
  'authority-1' | 'unseal' | 'system-admin' | 'enclave-admin' | 'server' | 'init' | 'admin' | 'config'

export const materialName = (keyServer: string, material: Material): string =>
  `${keyServerWorkload(keyServer)}-${material}`

export const keyServerLabels = (keyServer: string): Readonly<Record<string, string>> => ({
  [labels.component]: 'key-server',
  [labels.keyServer]: keyServer,
})
