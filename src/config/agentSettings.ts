import * as z from 'zod'
import { level, port, seconds, textOr } from './field.ts'

export const AgentSettings = z.object({
  configuration: textOr('Configuration file of the KES in this pod', '/etc/kes/config/server-config.yaml'),
  tlsDirectory: textOr('Folder with the certificate that KES serves', '/etc/kes/tls'),
  kesPort: port('Port of KES in this pod: it is told to reload only when it listens', 7373),
  port: port('Port of /healthz (HTTP)', 8082),
  everyMs: seconds('How often the files are looked at: the kubelet exchanges them without a file event', 1),
  logLevel: level,
})

export type AgentSettings = z.infer<typeof AgentSettings>
