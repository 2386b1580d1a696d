// `make demo`: the main job on real parts. A namespace is labelled, MinIO is applied, and an object is encrypted, written, read,
// and read again after the key server and MinIO were deleted.
import { setTimeout as pause } from 'node:timers/promises'
import { minioDemo } from './minio.ts'
import { progressTo } from './progress.ts'
import { findTarget, type Target } from './target.ts'

const project = new URL('../..', import.meta.url).pathname
const chart = `${project}charts/kes-injector`
const release = ['kes-injector', '-n', 'kes-injector'] as const
const secretText = 'the recipe is two parts sugar and one part salt'

const keep = process.env['KEEP'] === '1'
const progress = progressTo((line) => console.log(line))

/** Looks until it holds, saying what it waits for; the last reason is told when time is up. */
async function until(what: string, holds: () => Promise<string | undefined>, timeoutMs = 120_000): Promise<void> {
  const endMs = performance.now() + timeoutMs
  let said = ''
  for (;;) {
    const missing = await holds()
    if (missing === undefined) return
    if (performance.now() > endMs) throw new Error(`${what}: ${missing}`)
    if (missing !== said) progress.say(`waiting: ${missing}`)
    said = missing
    await pause(500)
  }
}

async function install({ helm, images }: Target): Promise<void> {
  const { kesInjector, kesStateful } = images
  await helm([
    'install',
    ...release,
    '--create-namespace',
    chart,
    '--wait',
    '--timeout=180s',
    '--set',
    `image.repository=${kesInjector.repository},image.tag=${kesInjector.tag}`,
    '--set',
    `statefulImage.repository=${kesStateful.repository},statefulImage.tag=${kesStateful.tag}`,
  ])
}

async function declareKey({ kubectl }: Target, key: string): Promise<void> {
  await kubectl(['patch', 'keyserver', 'default', '--type=merge', '-p', JSON.stringify({ spec: { keys: [key] } })])
  await until('the key', async () => {
    const keys = await kubectl(['get', 'keyserver', 'default', '-o', 'jsonpath={.status.keys}'])
    return keys.includes(`"${key}"`) ? undefined : `the key ${key} to be made`
  })
}

async function tell(target: Target): Promise<void> {
  const shop = minioDemo(target, { namespace: 'shop', injected: true })
  const plain = minioDemo(target, { namespace: 'plain', injected: false })
  const { kubectl } = target

  await progress.step('helm install kes-injector', () => install(target))
  await progress.step('kubectl apply: namespace "shop" with the label, and a plain MinIO, together', async () => {
    await shop.apply()
    await until('the identity', async () => {
      const path =
        'jsonpath={.status.conditions[?(@.type=="Ready")].message}|{.status.conditions[?(@.type=="Ready")].status}'
      const answer = await kubectl(['get', 'kesidentity', '-n', 'shop', 'kes-client', '--ignore-not-found', '-o', path])
      const [message = '', status = ''] = answer.split('|')
      return status === 'True' ? undefined : message || 'the identity of namespace shop'
    })
    progress.say('waiting: MinIO to be ready')
    await shop.ready()
  })
  progress.say('what MinIO got, though nothing in its manifest knows of KES:')
  progress.show(
    await kubectl([
      'get',
      'pod',
      '-n',
      'shop',
      '-l',
      'app=minio',
      '-o',
      'jsonpath={range .items[0].spec.containers[0].env[?(@.value)]}{.name}={.value}{"\\n"}{end}',
    ]),
  )
  await progress.step('declare a second key, shop_photos, in the KeyServer', () => declareKey(target, 'shop_photos'))
  await progress.step('make a bucket, turn on SSE-KMS with that key, write an object and read it back', async () => {
    await shop.mc(['mb', 'demo/photos'])
    await shop.mc(['encrypt', 'set', 'sse-kms', 'shop_photos', 'demo/photos'])
    await shop.mc(['pipe', 'demo/photos/recipe.txt'], secretText)
    await expectObject(shop.mc)
    progress.show(
      (await shop.mc(['stat', 'demo/photos/recipe.txt']))
        .split('\n')
        .filter((line) => /^(Name|Size|Encryption)/.test(line))
        .join('\n'),
    )
  })
  await progress.step('look at the bytes on the volumes: "shop", and "plain" without the label', async () => {
    await plain.apply()
    await plain.ready()
    await plain.mc(['mb', 'demo/photos'])
    await plain.mc(['pipe', 'demo/photos/recipe.txt'], secretText)
    const [inShop, inPlain] = [await shop.filesWith(secretText), await plain.filesWith(secretText)]
    if (inShop.length > 0) throw new Error(`the text lies in clear in ${inShop.join(', ')}`)
    if (inPlain.length === 0)
      throw new Error('the text was not found where it must lie in clear: the look proves nothing')
    progress.show(`shop:  no file holds the text in clear\nplain: ${inPlain.join(', ')} does`)
    const env = await kubectl([
      'get',
      'pod',
      '-n',
      'plain',
      '-l',
      'app=minio',
      '-o',
      'jsonpath={.items[0].spec.containers[0].env[*].name}',
    ])
    progress.show(`plain: its MinIO has ${env}, and nothing of kes-injector`)
  })
  await progress.step('delete the pod of KES and the pod of MinIO, and read the object again', async () => {
    await kubectl(['delete', 'pod', '-n', 'kes-injector', 'kes-default-0', '--wait=true'])
    await kubectl(['delete', 'pod', '-n', 'shop', '-l', 'app=minio', '--wait=true'])
    await shop.ready()
    await until('the object', async () => {
      try {
        await expectObject(shop.mc)
        return undefined
      } catch {
        return 'MinIO to answer again'
      }
    })
  })
}

async function expectObject(mc: (args: readonly string[]) => Promise<string>): Promise<void> {
  const read = await mc(['cat', 'demo/photos/recipe.txt'])
  if (read !== secretText) throw new Error(`the object came back as ${JSON.stringify(read)}`)
}

/**
 * Takes away what the demo made in somebody's cluster. Keys outlive an uninstallation on purpose and their deletion has to be
 * confirmed: docs/how-to/delete-keys.md.
 */
async function cleanUp({ kubectl, helm, ours, stop }: Target): Promise<void> {
  if (!ours) {
    const confirmed = async (kind: string, name: string) => {
      await kubectl(['annotate', kind, name, `kes-injector.io/confirm-delete=${name}`, '--overwrite'])
      await kubectl(['delete', kind, name])
    }
    await kubectl(['delete', 'namespace', 'shop', 'plain', '--ignore-not-found'])
    await helm(['uninstall', ...release, '--wait'])
    await confirmed('namespace', 'kes-injector')
    for (const kind of ['kesidentities', 'keyservers']) await confirmed('crd', `${kind}.kes-injector.io`)
    for (const policy of ['key-secrets', 'key-pvcs', 'key-owners'])
      for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
        await kubectl(['delete', kind, `kes-injector-${policy}`, '--ignore-not-found'])
  }
  await stop()
}

/** What a person would look at first. */
async function whatWentWrong({ kubectl }: Target): Promise<void> {
  for (const args of [
    ['get', 'pods,keyservers,kesidentities', '-A', '-o', 'wide'],
    ['get', 'events', '-A', '--field-selector=type=Warning', '--sort-by=.lastTimestamp'],
    ['logs', '-n', 'kes-injector', '-l', 'app.kubernetes.io/name=kes-injector', '--prefix', '--tail=15'],
  ]) {
    const shown = await kubectl(args).catch((error: unknown) => String(error))
    console.error(`\n$ kubectl ${args.join(' ')}\n${shown}`)
  }
}

const target = await findTarget(progress, keep)
try {
  await tell(target)
  console.log(
    `\nIt works: labelled, applied, encrypted, and read again after both pods were gone.\n\n${progress.summary()}\n`,
  )
  if (keep)
    console.log(
      `Look around:  ${target.lookAround}\n              kubectl get keyservers,kesidentities,pods -A\nEnd it:       ${target.howToEnd}`,
    )
  else console.log('Cleaning up. KEEP=1 make demo leaves everything running, to look around.')
} catch (error) {
  await whatWentWrong(target)
  throw error
} finally {
  if (!keep) await cleanUp(target)
}
