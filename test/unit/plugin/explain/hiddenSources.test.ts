import { describe, expect, it } from 'vitest'
import { hiddenOfPod, hiddenOfTenant } from '../../../../src/plugin/explain/hiddenSources.ts'
import { pod, tenant } from '../../../fixtures/objects.ts'

const file = (value: string) => ({ name: 'MINIO_CONFIG_ENV_FILE', value })
const secretFile = (key: string) => ({
  kind: 'Secret',
  name: 'env',
  optional: false,
  how: { is: 'file', key, of: 'container' },
})

describe('where a Tenant has variables that it does not show', () => {
  it('is config.env of its configuration Secret', () => {
    expect(hiddenOfTenant(tenant()).sources).toEqual([
      {
        kind: 'Secret',
        name: 'store-configuration',
        optional: false,
        how: { is: 'file', key: 'config.env', of: 'Tenant' },
      },
    ])
  })

  it.each([[{}], [{ name: '' }], [null], ['x']])('is nowhere where it has none: %j', (configuration) => {
    expect(hiddenOfTenant(tenant({ configuration })).sources).toEqual([])
  })
})

describe('where a pod has variables that it does not show', () => {
  it.each([
    [
      'a volume of a Secret',
      '/etc/env/config.env',
      { mountPath: '/etc/env/' },
      { secret: { secretName: 'env' } },
      'config.env',
    ],
    [
      'an item under another path',
      '/etc/env/minio/config',
      { mountPath: '/etc/env' },
      { secret: { secretName: 'env', items: [{ key: 'all', path: 'minio/config' }] } },
      'all',
    ],
    [
      'one file of a volume',
      '/etc/minio.env',
      { mountPath: '/etc/minio.env', subPath: 'config.env' },
      { secret: { secretName: 'env' } },
      'config.env',
    ],
    [
      'a projected volume',
      '/etc/env/x',
      { mountPath: '/etc/env' },
      { projected: { sources: [{ downwardAPI: {} }, { secret: { name: 'env', items: [{ key: 'y', path: 'x' }] } }] } },
      'y',
    ],
    [
      'a path with detours',
      '/etc//env/../env/config.env',
      { mountPath: '/etc/env' },
      { secret: { secretName: 'env' } },
      'config.env',
    ],
  ])('is the Secret that %s holds', (_, path, mount, volume, key) => {
    const spec = { volumes: [{ name: 'v', ...volume }] }
    expect(hiddenOfPod(pod({ env: [file(path)], volumeMounts: [{ name: 'v', ...mount }] }, spec)).sources).toEqual([
      secretFile(key),
    ])
  })

  it('is the innermost mount where one lies in another', () => {
    const volumeMounts = [
      { name: 'outer', mountPath: '/etc' },
      { name: 'inner', mountPath: '/etc/env' },
    ]
    const volumes = [
      { name: 'outer', secret: { secretName: 'outer' } },
      { name: 'inner', secret: { secretName: 'env' } },
    ]
    expect(hiddenOfPod(pod({ env: [file('/etc/env/a')], volumeMounts }, { volumes })).sources).toEqual([
      secretFile('a'),
    ])
  })

  it.each([
    ['a volume that is no Secret', [{ name: 'v', emptyDir: {} }], [{ name: 'v', mountPath: '/etc/env' }]],
    ['no volume at all', [], []],
  ])('is out of sight in %s, which is said', (_, volumes, volumeMounts) => {
    const { sources, outOfSight } = hiddenOfPod(pod({ env: [file('/etc/env/a')], volumeMounts }, { volumes }))
    expect(sources).toEqual([])
    expect(outOfSight).toHaveLength(1)
  })

  it('is what envFrom and valueFrom name, the latter only for a KMS', () => {
    const from = (name: string, key: string) => ({ name, valueFrom: { secretKeyRef: { name: 's', key } } })
    const env = [from('MINIO_KMS_SECRET_KEY', 'k'), from('MINIO_ROOT_PASSWORD', 'p')]
    const envFrom = [{ prefix: 'P_', configMapRef: { name: 'm', optional: true } }]
    expect(hiddenOfPod(pod({ env, envFrom })).sources).toMatchObject([
      { kind: 'ConfigMap', name: 'm', optional: true, how: { is: 'envFrom', prefix: 'P_' } },
      { kind: 'Secret', name: 's', how: { is: 'value', key: 'k', variable: 'MINIO_KMS_SECRET_KEY' } },
    ])
  })

  it.each([undefined, null, 7, { spec: { containers: 'x' } }, pod({ env: [null, 1], envFrom: ['x', {}] })])(
    'is nowhere in %j',
    (object) => expect(hiddenOfPod(object)).toEqual({ sources: [], outOfSight: [] }),
  )
})
