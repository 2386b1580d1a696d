/**
 * The rooms of the house and which way data flows between them (docs/adr/0002-rooms.md).
 * A room may import what stands below it, never what stands above.
 */
const room = (...names) => `^src/(${names.join('|')})/`
const pure = ['api', 'minio', 'injection']

/** For each room of src/ the rooms it may import from. A room that is not listed may import from none. */
const below = {
  api: [],
  minio: ['api'],
  injection: ['api', 'minio'],
  pki: [],
  kes: ['api', 'pki'],
  observe: ['api'],
  kube: ['api', 'observe'],
  config: ['api'],
  tls: ['pki', 'observe'],
  agent: ['observe'],
  admission: ['api', 'minio', 'injection', 'observe', 'tls'],
  controller: ['api', 'config', 'kes', 'kube', 'minio', 'observe', 'pki', 'injection'],
  plugin: ['api', 'injection', 'kes', 'kube', 'minio', 'pki'],
  backup: ['api', 'controller', 'kes', 'kube', 'pki'],
  cli: [
    'admission',
    'agent',
    'api',
    'backup',
    'config',
    'controller',
    'injection',
    'kes',
    'kube',
    'minio',
    'observe',
    'pki',
    'plugin',
    'tls',
  ],
}

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(below).map(([name, may]) => ({
      name: `${name}-looks-down`,
      comment: `src/${name} may import from: ${may.join(', ') || 'no other room'}`,
      severity: 'error',
      from: { path: room(name) },
      to: { path: '^src/', pathNot: [room(name, ...may)] },
    })),
    {
      name: 'pure-rooms-use-no-packages',
      comment: 'api, minio and injection do no I/O: no package but zod in api',
      severity: 'error',
      from: { path: room(...pure) },
      to: { dependencyTypes: ['npm', 'core'], pathNot: ['node_modules/zod/'] },
    },
    {
      name: 'zod-describes',
      severity: 'error',
      from: { path: '^src/', pathNot: room('api', 'config') },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'one-file-knows-forge',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/pki/derWriter\\.ts$' },
      to: { path: 'node_modules/node-forge/' },
    },
    {
      name: 'one-room-knows-client-node',
      severity: 'error',
      from: { path: '^src/', pathNot: room('kube') },
      to: { path: 'node_modules/@kubernetes/client-node/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'nobody-imports-main', severity: 'error', from: {}, to: { path: '^src/main\\.ts$' } },
    {
      name: 'product-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^(src|certs-scripts)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'product-does-not-know-its-scripts',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^certs-scripts/' },
    },
    {
      name: 'certs-scripts-work-without-a-cluster',
      comment: 'The profile (pki, kes), and the names and labels that the controller gives its Secrets.',
      severity: 'error',
      from: { path: '^certs-scripts/' },
      to: {
        path: '^src/',
        pathNot: [room('api', 'kes', 'pki'), '^src/controller/(keyServer/(material|service)|secretWriter)\\.ts$'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
}
