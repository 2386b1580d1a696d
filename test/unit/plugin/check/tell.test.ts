import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { definitionNames, guardNames, type Observed } from '../../../../src/plugin/check/observe.ts'
import { tellCheck } from '../../../../src/plugin/check/tell.ts'
import { found, type Seen } from '../../../../src/plugin/seen.ts'
import { newAuthority } from '../../../fixtures/certificates.ts'
import { identity, installation, keyServer, namespace } from '../worlds.ts'

const { certificatePem } = newAuthority()
const caBundle = Buffer.from(certificatePem).toString('base64')
const now = new Date()
const all = <T>(names: readonly string[], seen: Seen<T>) => names.map((name) => [name, seen] as const)
const object = found({ metadata: { name: 'x' } })
const deployment = found({ metadata: { name: 'x' }, spec: { replicas: 2 }, status: { readyReplicas: 2 } } as never)
const webhooks = (bundle: string) =>
  found({ metadata: { name: 'kes-injector' }, webhooks: [{ clientConfig: { caBundle: bundle } }] } as never)

const settled: Observed = {
  serverVersion: 'v1.36.3',
  definitions: all(
    definitionNames,
    found({ metadata: { name: 'x' }, status: { conditions: [{ type: 'Established', status: 'True' }] } }),
  ),
  installation: { ...installation, webhookConfiguration: webhooks(caBundle), webhookDeployment: deployment },
  controllerDeployment: deployment,
  policies: all(guardNames, object),
  bindings: all(guardNames, object),
  keyServers: found([keyServer]),
  namespaces: found([namespace]),
  identities: found([identity]),
}

const failing = (observed: Observed, at = now): readonly string[] => {
  const { data } = tellCheck(observed, at)
  return (data as { checks: { what: string; result: string }[] }).checks
    .filter(({ result }) => result === 'failed')
    .map(({ what }) => what)
}

describe('kubectl kes check', () => {
  it('finds nothing where all is as it must be', () => {
    expect(tellCheck(settled, now)).toMatchObject({ ok: true })
    expect(tellCheck(settled, now).text.at(-1)).toBe('Nothing is wrong that could be seen.')
  })

  it.each(['v1.29.9', 'v1.9.0', 'nonsense'])('takes no API server of version %s', (serverVersion) => {
    expect(failing({ ...settled, serverVersion })).toEqual(['Kubernetes version'])
  })

  it.each(['v1.30.0', 'v1.36.3-eks-1', 'v2.0.0'])('takes one of version %s', (serverVersion) => {
    expect(failing({ ...settled, serverVersion })).toEqual([])
  })

  it.each([
    ['is missing', ''],
    ['is no certificate', Buffer.from('x').toString('base64')],
  ])('fails where a caBundle %s', (_, bundle) => {
    const broken = { ...settled.installation, webhookConfiguration: webhooks(bundle) }
    expect(failing({ ...settled, installation: broken })).toEqual(['webhook configuration kes-injector'])
  })

  it('fails where the authority in caBundle has ended', () => {
    const ended = new Date(new X509Certificate(certificatePem).validToDate.getTime() + 1_000)
    expect(failing(settled, ended)).toEqual(['webhook configuration kes-injector'])
  })

  it('asks for no webhook where a policy connects', () => {
    const policy = { ...installation, webhookConfiguration: { is: 'missing' }, mutatingPolicy: object } as const
    expect(failing({ ...settled, installation: policy })).toEqual([])
  })

  it('fails where no pod is ready, and warns where one is missing', () => {
    const none = found({ metadata: { name: 'x' }, spec: { replicas: 2 }, status: {} } as never)
    expect(failing({ ...settled, controllerDeployment: none })).toEqual(['deployment kes-injector-controller'])
    const one = found({ metadata: { name: 'x' }, spec: { replicas: 2 }, status: { readyReplicas: 1 } } as never)
    expect(tellCheck({ ...settled, controllerDeployment: one }, now)).toMatchObject({ ok: true })
  })

  it('fails where a namespace opted in and has no identity', () => {
    expect(failing({ ...settled, identities: found([]) })).toEqual(['namespace team-a'])
  })

  it('counts what may not be seen as unknown', () => {
    const hidden = { is: 'hidden' } as const
    const { text, ok } = tellCheck({ ...settled, keyServers: hidden, controllerDeployment: hidden }, now)
    expect(ok).toBe(true)
    expect(text.at(-1)).toBe('Nothing is wrong that could be seen. 2 could not be checked: you may not see them.')
  })
})
