import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newFolder, type Ran } from './scripts.ts'

const folder = newFolder()
afterAll(() => folder.close())
const { script, openssl } = folder
const at = (name: string): string => join(folder.cwd, name)
const read = (name: string): string => readFileSync(at(name), 'utf8')
const issuer = ['--ca', 'ca.crt', '--ca-key', 'ca.key']

async function ok(ran: Promise<Ran>): Promise<Ran> {
  const result = await ran
  expect(result.code, result.stderr).toBe(0)
  return result
}

beforeAll(async () => {
  await ok(script('authority', ['--name', 'test authority']))
  await ok(script('server', [...issuer, '--dns', 'kes.example', '--ip', '127.0.0.1', '--ip', '::1']))
  await ok(script('client', issuer))
})

describe('every script', () => {
  const names = ['authority', 'server', 'client', 'identities', 'identity-of', 'inspect']

  it.each(names)('%s explains itself', async (name) => {
    const { stdout } = await ok(script(name, ['--help']))
    expect(stdout).toMatch(new RegExp(`^Usage: ${name} \\[FLAGS\\]`, 'm'))
    expect(stdout).toContain('Example')
    expect(stdout).toContain('Exit codes: 0 done, 1 refused or failed, 2 wrong usage.')
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThan(190)
  })

  it.each(names)('%s ends with 2 and the way to the help for a flag that it does not know', async (name) => {
    const { code, stdout, stderr } = await script(name, ['--no-such-flag'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('--no-such-flag')
    expect(stderr).toContain(`See ${name} --help`)
  })
})

describe('what the scripts issue', () => {
  const verify = (purpose: string, file: string, ...more: readonly string[]) =>
    openssl('verify', '-x509_strict', '-CAfile', 'ca.crt', '-purpose', purpose, ...more, file)

  it('is verified strictly by openssl, for its use and names and no other', async () => {
    await ok(verify('sslserver', 'server.crt', '-verify_hostname', 'kes.example'))
    await ok(verify('sslserver', 'server.crt', '-verify_ip', '127.0.0.1'))
    await ok(verify('sslserver', 'server.crt', '-verify_ip', '::1'))
    await ok(verify('sslclient', 'client.crt'))
    expect((await verify('sslclient', 'server.crt')).code).not.toBe(0)
    expect((await verify('sslserver', 'client.crt')).code).not.toBe(0)
    expect((await verify('sslserver', 'server.crt', '-verify_hostname', 'other.example')).code).not.toBe(0)
  })

  it('has keys of one PKCS#8 block, for their owner alone', () => {
    for (const file of ['ca.key', 'server.key', 'client.key']) {
      expect(read(file).match(/-----BEGIN .*-----/g)).toEqual(['-----BEGIN PRIVATE KEY-----'])
      expect(statSync(at(file)).mode & 0o777).toBe(0o600)
    }
  })

  it('has the identity that openssl computes', async () => {
    const { stdout: pem } = await ok(openssl('x509', '-in', 'client.crt', '-noout', '-pubkey'))
    writeFileSync(at('client.pub'), pem)
    await ok(openssl('pkey', '-pubin', '-in', 'client.pub', '-outform', 'der', '-out', 'client.spki'))
    const { stdout } = await ok(openssl('dgst', '-sha256', '-r', 'client.spki'))
    const identity = `${stdout.slice(0, 64)}\n`
    expect((await ok(script('identity-of', ['client.crt']))).stdout).toBe(identity)
    expect((await ok(script('identity-of', ['client.key']))).stdout).toBe(identity)
    expect((await ok(script('identity-of', [], read('client.crt')))).stdout).toBe(identity)
  })
})

describe('renewing', () => {
  it('writes a new certificate for the same key and leaves the key file alone', async () => {
    const [certificate, key] = [read('server.crt'), read('server.key')]
    const { stdout } = await ok(script('server', ['--renew', ...issuer]))
    expect(stdout).toContain('renewed: the same key')
    expect(stdout).toContain('(unchanged)')
    expect(read('server.key')).toBe(key)
    expect(read('server.crt')).not.toBe(certificate)
    await ok(openssl('verify', '-x509_strict', '-CAfile', 'ca.crt', '-verify_ip', '::1', 'server.crt'))
  })

  it('works on a Secret from a pipe, and prints nothing else', async () => {
    const made = await ok(
      script('client', [...issuer, '--secret', 'kes-minio', '--namespace', 'minio-a', '--layout', 'kes']),
    )
    const renewed = await ok(script('client', ['--renew', '--from', '-', ...issuer], made.stdout))
    expect(renewed.stdout).toMatch(
      /^apiVersion: v1\nkind: Secret\nmetadata:\n {2}namespace: minio-a\n {2}name: kes-minio\ntype: Opaque\n/,
    )
    const keyOf = (text: string) => /private\.key: (\S+)/.exec(text)?.[1]
    const certificateOf = (text: string) => /public\.crt: (\S+)/.exec(text)?.[1]
    expect(keyOf(renewed.stdout)).toBe(keyOf(made.stdout))
    expect(certificateOf(renewed.stdout)).not.toBe(certificateOf(made.stdout))
    const inspected = await ok(script('inspect', ['--ca', 'ca.crt', '-'], renewed.stdout))
    expect(inspected.stdout).toContain('no errors, no warnings')
  })

  it('makes a lost certificate again from its key', async () => {
    await ok(openssl('pkey', '-in', 'client.key', '-out', 'lone.key'))
    await ok(script('client', ['--renew', ...issuer, '--key', 'lone.key', '--cert', 'lone.crt']))
    const { stdout } = await ok(script('identity-of', ['lone.crt']))
    expect(stdout).toBe((await ok(script('identity-of', ['client.crt']))).stdout)
  })
})

describe('what is refused', () => {
  it('is to write over a file, and both are as they were', async () => {
    const [certificate, key] = [read('client.crt'), read('client.key')]
    const { code, stderr } = await script('client', issuer)
    expect(code).toBe(1)
    expect(stderr).toContain('client.key and 1 more exist: --renew keeps the key')
    expect([read('client.crt'), read('client.key')]).toEqual([certificate, key])
  })

  it.each<readonly [string, string, readonly string[], number, string]>([
    [
      'a server without a name',
      'server',
      [...issuer, '--cert', 'x.crt', '--key', 'x.key'],
      2,
      '--dns or --ip is missing',
    ],
    [
      'a name that is none',
      'server',
      [...issuer, '--dns', 'a b', '--cert', 'x.crt', '--key', 'x.key'],
      2,
      '"a b" is not a DNS name',
    ],
    ['no authority', 'client', ['--cert', 'x.crt'], 2, '--ca is missing'],
    [
      'an authority that is not there',
      'client',
      ['--ca', 'nope.crt'],
      1,
      'nope.crt cannot be read: there is no such file',
    ],
    [
      "another's key for the authority",
      'client',
      ['--ca', 'ca.crt', '--ca-key', 'client.key'],
      1,
      'client.key: the authority',
    ],
    [
      'a leaf as authority',
      'client',
      ['--ca', 'client.crt', '--ca-key', 'client.key'],
      1,
      'there is no certificate of an authority (CA:TRUE) in client.crt',
    ],
    ['a folder', 'inspect', ['.'], 1, '. cannot be read: it is a folder'],
    ['a lifetime of minutes', 'client', [...issuer, '--lifetime', '5m'], 2, '--lifetime must be an hour at least'],
    ['a Secret without a namespace', 'client', [...issuer, '--secret', 'a'], 2, '--namespace is missing'],
    ['--force beside --renew', 'client', [...issuer, '--renew', '--force'], 2, '--force says nothing here'],
    ['a set-up without a place', 'identities', ['--dns', 'kes'], 2, 'one of --folder and --secrets'],
    [
      'a relative folder for KES',
      'identities',
      ['--folder', 'pki', '--dns', 'kes', '--tls-folder', 'tls'],
      2,
      'must be an absolute path',
    ],
  ])('is %s', async (_, name, args, code, why) => {
    const ran = await script(name, args)
    expect(ran.stderr).toContain(why)
    expect(ran.code).toBe(code)
    expect(ran.stdout).toBe('')
    expect(existsSync(at('x.key'))).toBe(false)
  })

  it('is DER, with the way out', async () => {
    await ok(openssl('x509', '-in', 'client.crt', '-outform', 'der', '-out', 'client.der'))
    const { code, stderr } = await script('inspect', ['client.der'])
    expect(code).toBe(1)
    expect(stderr).toContain('is DER; convert it first: openssl x509 -inform der')
  })
})

describe('inspecting what was made by hand with openssl', () => {
  const selfSigned = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-noenc',
    '-subj',
    '/CN=hand',
  ]
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE']
  const client = ['-addext', 'extendedKeyUsage=clientAuth']
  const server = ['-addext', 'extendedKeyUsage=serverAuth']

  interface Told {
    readonly errors: number
    readonly findings: readonly { readonly problems: readonly { readonly code: string }[] }[]
  }
  async function codes(...files: readonly string[]): Promise<readonly string[]> {
    const { code, stdout } = await script('inspect', ['--output', 'json', ...files])
    const { errors, findings } = JSON.parse(stdout) as Told
    expect(code).toBe(errors === 0 ? 0 : 1)
    return findings.flatMap(({ problems }) => problems.map((each) => each.code))
  }

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['CA:TRUE by default', [], ['AuthorityOrLeaf']],
    ['CA:TRUE on a client', client, ['AuthorityAsLeaf', 'SelfSigned']],
    ['a self-signed client', [...leaf, ...client], ['SelfSigned']],
    ['a server without a name', [...leaf, ...server], ['NoNames', 'SelfSigned']],
    ['a server with one', [...leaf, ...server, '-addext', 'subjectAltName=DNS:kes'], ['SelfSigned']],
    ['another use', [...leaf, '-addext', 'extendedKeyUsage=codeSigning'], ['NoUsage', 'SelfSigned']],
    ['SHA-1', [...leaf, ...client, '-sha1'], ['SelfSigned', 'WeakSignature']],
  ])('tells %s', async (name, args, expected) => {
    const file = `hand-${name.replaceAll(/\W/g, '-')}`
    await ok(openssl(...selfSigned, ...args, '-keyout', `${file}.key`, '-out', `${file}.crt`))
    expect(await codes(`${file}.crt`, `${file}.key`)).toEqual(expected)
  })

  it('tells the parameters that `openssl ecparam -genkey` writes before the key', async () => {
    await ok(openssl('ecparam', '-name', 'prime256v1', '-genkey', '-out', 'parameters.key'))
    expect(await codes('parameters.key')).toEqual(['KeyParameters'])
  })

  it('follows an intermediate authority, and sees what outlives its issuer', async () => {
    await ok(openssl(...selfSigned, '-days', '10', '-keyout', 'root.key', '-out', 'root.crt'))
    await ok(
      openssl(
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-noenc',
        '-subj',
        '/CN=between',
        '-keyout',
        'between.key',
        '-out',
        'between.csr',
      ),
    )
    writeFileSync(at('between.cnf'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n')
    await ok(
      openssl(
        'x509',
        '-req',
        '-in',
        'between.csr',
        '-CA',
        'root.crt',
        '-CAkey',
        'root.key',
        '-days',
        '9',
        '-extfile',
        'between.cnf',
        '-out',
        'between.crt',
      ),
    )
    await ok(
      openssl(
        'req',
        '-new',
        '-newkey',
        'ed25519',
        '-noenc',
        '-subj',
        '/CN=leaf',
        '-keyout',
        'leaf.key',
        '-out',
        'leaf.csr',
      ),
    )
    writeFileSync(at('leaf.cnf'), 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n')
    await ok(
      openssl(
        'x509',
        '-req',
        '-in',
        'leaf.csr',
        '-CA',
        'between.crt',
        '-CAkey',
        'between.key',
        '-days',
        '30',
        '-extfile',
        'leaf.cnf',
        '-out',
        'leaf.crt',
      ),
    )
    expect(await codes('--ca', 'root.crt', 'leaf.crt', 'leaf.key', 'between.crt')).toEqual(['OutlivesAuthority'])
    expect(await codes('--ca', 'root.crt', 'leaf.crt', 'leaf.key')).toEqual(['DoesNotChain'])
    expect(await codes('--ca', 'ca.crt', 'leaf.crt', 'between.crt')).toEqual(['DoesNotChain', 'DoesNotChain'])
  })
})
