import { describe, expect, it } from 'vitest'
import { configurationOf } from '../../../rig/operator/configuration.ts'
import type { StandInTenant } from '../../../rig/operator/tenant.ts'

const pool = { name: 'pool-0', servers: 1, volumesPerServer: 1, volumeClaimTemplate: {} }
const tenant = (spec: Partial<StandInTenant['spec']>): StandInTenant => ({
  metadata: { name: 'store', namespace: 'team-a' },
  spec: { pools: [pool], ...spec },
})
const lines = (spec: Partial<StandInTenant['spec']>, secret = ''): readonly string[] =>
  configurationOf(tenant(spec), secret, 'cluster.local').trim().split('\n')

describe('the environment that the operator that is stood in for gives to MinIO', () => {
  it('is what the operator sets, beaten by spec.env, beaten by the configuration Secret', () => {
    const kes = { kesSecret: { name: 'k' } }
    const env = [
      { name: 'MINIO_KMS_KES_CAPATH', value: 'of-env' },
      { name: 'MINIO_KMS_KES_KEY_NAME', value: 'of-env' },
    ]
    const said = lines({ kes, env }, 'export MINIO_KMS_KES_KEY_NAME="of-secret"\n')
    expect(said).toContain('export MINIO_KMS_KES_CAPATH="of-env"')
    expect(said).toContain('export MINIO_KMS_KES_KEY_NAME="of-secret"')
    expect(said).toContain('export MINIO_KMS_KES_ENDPOINT="https://store-kes-hl-svc.team-a.svc.cluster.local:7373"')
  })

  it('loses what valueFrom says, and what is not exported', () => {
    const said = lines({ env: [{ name: 'A', valueFrom: {} }] }, 'B=b\n')
    expect(said).toEqual(['export A=""', 'export MINIO_ARGS="/export"'])
  })

  it('names every server of a pool', () => {
    expect(lines({ pools: [{ ...pool, servers: 4, volumesPerServer: 2 }] })).toEqual([
      'export MINIO_ARGS="http://store-pool-0-{0...3}.store-hl.team-a.svc.cluster.local:9000/export{0...1}"',
    ])
  })
})
