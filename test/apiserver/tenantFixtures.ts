import { connectedTenant, literal, ourEntry, tenant, tenantEnv, usersEntry } from '../fixtures/objects.ts'

type Entry = Readonly<Record<string, unknown>>

/** A Tenant that is created, or, with `stored`, one that is changed. All are in team-a, each under a name of its own. */
export interface TenantFixture {
  readonly what: string
  readonly stored?: Entry
  readonly object: Entry
}

const enabled = { 'kes-injector.io/inject': 'enabled' }
const disabled = { 'kes-injector.io/inject': 'disabled' }
const mine = tenantEnv(0)
const ours = { env: mine, externalClientCertSecrets: [ourEntry] }
const region = literal('MINIO_REGION', 'here')
const crash = { kes: { kesSecret: { name: 'a' } }, externalClientCertSecret: { name: 'b', type: 'Opaque' } }

const rows: readonly (readonly [what: string, object: Entry, stored?: Entry])[] = [
  ['is plain', tenant()],
  ['has variables of its own', tenant({ env: [region] })],
  ['has certificates of its own', tenant({ externalClientCertSecrets: [usersEntry, { name: 'other' }] })],
  ['names a key of its namespace', tenant({}, { 'kes-injector.io/key-name': 'team-a_mine' })],
  ['names a key of another namespace', tenant({}, { 'kes-injector.io/key-name': 'team-b_mine' })],
  ['opts out', tenant({}, disabled)],
  ['says a word that means nothing', tenant({}, { 'kes-injector.io/inject': 'yes' })],
  ['has a static key', tenant({ env: [literal('MINIO_KMS_SECRET_KEY', 'a:b')] })],
  ['has a KES of its own', tenant({ env: [literal('MINIO_KMS_KES_ENDPOINT', 'https://kes.example:7373')] })],
  [
    'numbers certificates of its own',
    tenant({ env: [literal('MINIO_KMS_KES_CERT_FILE', '/tmp/certs/client-0/client.crt')] }),
  ],
  ['has our entry and nothing else', tenant({ externalClientCertSecrets: [usersEntry, ourEntry] })],
  ['has three of our variables', tenant({ env: mine.slice(0, 3), externalClientCertSecrets: [ourEntry] })],
  ['has variables of another place', tenant({ env: tenantEnv(3), externalClientCertSecrets: [ourEntry] })],
  ['carries all that we write', tenant(ours)],
  ['has a key of its namespace in a variable', tenant({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'team-a_mine')] })],
  ['has a key of another namespace in a variable', tenant({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'team-b_mine')] })],
  [
    'has a key of another namespace in a variable beside ours',
    tenant({ env: tenantEnv(0, 'team-b_mine'), externalClientCertSecrets: [ourEntry] }),
  ],
  ['would crash the operator', tenant(crash)],
  ['runs unconnected and is touched', tenant({ image: 'next' }), tenant()],
  ['runs unconnected and asks to be adopted', tenant({ env: [region] }, enabled), tenant({ env: [region] })],
  ['runs unconnected and opts out', tenant({}, disabled), tenant()],
  ['is connected and touched', tenant({ ...ours, image: 'next' }), connectedTenant()],
  ['is applied again as it was written', tenant({ env: [region] }), connectedTenant()],
  ['loses our entry only', tenant({ env: mine, externalClientCertSecrets: [usersEntry] }), connectedTenant()],
  ['loses our variables only', tenant({ externalClientCertSecrets: [ourEntry] }), connectedTenant()],
  [
    'loses two of our variables',
    tenant({ env: [region, ...mine.slice(2)], externalClientCertSecrets: [ourEntry] }),
    connectedTenant(),
  ],
  [
    'gets an entry before ours',
    tenant({ env: mine, externalClientCertSecrets: [usersEntry, ourEntry] }),
    connectedTenant(),
  ],
  [
    'loses an entry before ours',
    tenant({ env: tenantEnv(1), externalClientCertSecrets: [ourEntry] }),
    tenant({ env: tenantEnv(1), externalClientCertSecrets: [usersEntry, ourEntry] }),
  ],
  [
    'is applied again and was connected to another key of its namespace',
    tenant(),
    tenant({ env: tenantEnv(0, 'team-a_old'), externalClientCertSecrets: [ourEntry] }),
  ],
  [
    'is applied again and was connected to another KeyServer',
    tenant(),
    tenant({ env: tenantEnv(0, 'team-a_minio', 'former'), externalClientCertSecrets: [ourEntry] }),
  ],
  ['opts out and leaves our settings out, but is connected', tenant({}, disabled), connectedTenant()],
  [
    'gets a KMS of its own in place of ours',
    tenant({ env: [literal('MINIO_KMS_SERVER', 'https://kms')] }),
    connectedTenant(),
  ],
  ['crashes the operator already and is touched', tenant({ ...crash, image: 'next' }), tenant(crash)],
]

/** The fixtures of the unit tests speak of another release namespace, and leave out what the CRD wants of a pool. */
function named(object: Entry, name: string, confirm = false): Entry {
  const text = JSON.stringify(object).replaceAll('.kes-system.svc', '.kes-injector.svc')
  const moved = JSON.parse(
    text.replaceAll('"volumesPerServer":2', '"volumesPerServer":2,"volumeClaimTemplate":{}'),
  ) as Entry
  const metadata = moved['metadata'] as { readonly annotations?: Entry }
  const annotations = confirm
    ? { ...metadata.annotations, 'kes-injector.io/confirm-delete': name }
    : metadata.annotations
  return { ...moved, metadata: { ...metadata, name, annotations } }
}

/** Tenants as people, GitOps tools and nobody in his right mind write them. */
export const tenantFixtures: readonly TenantFixture[] = [
  ...rows.map(([what, object, stored], index) => {
    const name = `store-${String(index)}`
    return { what, object: named(object, name), ...(stored ? { stored: named(stored, name) } : {}) }
  }),
  {
    what: 'opts out, leaves our settings out and confirms it by its name',
    object: named(tenant({}, disabled), 'store-let-go', true),
    stored: named(connectedTenant(), 'store-let-go'),
  },
]
