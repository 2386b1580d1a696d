import { placeOf, type StandInTenant, type Variable } from './tenant.ts'

/** What MinIO is told to serve: `/export`, or every server of every pool by its name behind the headless Service. */
function serverArguments(tenant: StandInTenant, clusterDomain: string): string {
  const { name, namespace } = placeOf(tenant)
  return tenant.spec.pools
    .map((pool) => {
      const folder = pool.volumesPerServer === 1 ? '/export' : `/export{0...${pool.volumesPerServer - 1}}`
      if (pool.servers === 1) return folder
      const servers = `${name}-${pool.name}-{0...${pool.servers - 1}}`
      return `http://${servers}.${name}-hl.${namespace}.svc.${clusterDomain}:9000${folder}`
    })
    .join(' ')
}

function kesDefaults(tenant: StandInTenant, clusterDomain: string): readonly (readonly [string, string])[] {
  const { kes } = tenant.spec
  if (!kes) return []
  const { name, namespace } = placeOf(tenant)
  return [
    ['MINIO_KMS_KES_ENDPOINT', `https://${name}-kes-hl-svc.${namespace}.svc.${clusterDomain}:7373`],
    ['MINIO_KMS_KES_CERT_FILE', '/tmp/certs/client.crt'],
    ['MINIO_KMS_KES_KEY_FILE', '/tmp/certs/client.key'],
    ['MINIO_KMS_KES_CA_PATH', '/tmp/certs/CAs/kes.crt'],
    ['MINIO_KMS_KES_CAPATH', '/tmp/certs/CAs/kes.crt'],
    ['MINIO_KMS_KES_KEY_NAME', kes.keyName ?? 'my-minio-key'],
  ]
}

/** Only what begins with `export ` is read; everything else of the Secret vanishes. */
const exported = (text: string): readonly (readonly [string, string])[] =>
  text.split('\n').flatMap((line) => {
    const [, name, value] = /^export ([^=]+)=(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value.replaceAll(/^"|"$/g, '')] as const]
  })

// `valueFrom` is written as an empty text: a defect of v6 and later that the product has to live with.
const literal = ({ name, value, valueFrom }: Variable) => [name, valueFrom ? '' : (value ?? '')] as const

/** The file that MinIO reads its environment from: defaults, over them `spec.env`, over all the configuration Secret (facts: 4.2). */
export function configurationOf(tenant: StandInTenant, secretText: string, clusterDomain: string): string {
  const merged = new Map([
    ['MINIO_ARGS', serverArguments(tenant, clusterDomain)],
    ...kesDefaults(tenant, clusterDomain),
    ...(tenant.spec.env ?? []).map(literal),
    ...exported(secretText),
  ])
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `export ${name}="${value}"\n`)
    .join('')
}
