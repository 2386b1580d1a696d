/** Paths inside the KES pod: the configuration and the agent's arguments name them, and people's key store sections may. */
export const paths = {
  /** The configuration, and beside it whatever else the Secret of the key store section holds. */
  configuration: '/etc/kes/config',
  configurationFile: '/etc/kes/config/server-config.yaml',
  tls: '/etc/kes/tls',
  volume: '/data',
} as const
