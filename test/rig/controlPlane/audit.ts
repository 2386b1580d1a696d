import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Every request is logged with who and what, and no body: bodies hold keys. */
const metadataOnly = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
}

/** Writes the audit policy (audit.k8s.io/v1) and answers where it and the log it fills lie. */
export function auditFiles(
  folder: string,
  policy: object = metadataOnly,
): { readonly auditPolicyFile: string; readonly auditLog: string } {
  const auditLog = join(folder, 'audit/audit.log')
  const auditPolicyFile = join(folder, 'audit-policy.json')
  mkdirSync(dirname(auditLog))
  writeFileSync(auditPolicyFile, JSON.stringify(policy))
  return { auditPolicyFile, auditLog }
}
