// Writes every file that is made from the schemas: `npm run generate`. With --check it writes nothing and fails where one is out of date.
import { readFile, writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { generatedFiles } from './generatedFiles.ts'

const check = process.argv.includes('--check')
let stale = 0
for (const { path, content } of generatedFiles(stringify)) {
  const current = await readFile(path, 'utf8').catch(() => undefined)
  if (current === content) continue
  stale++
  if (check) console.error(`${path} is out of date: run npm run generate`)
  else {
    await writeFile(path, content)
    console.log(`wrote ${path}`)
  }
}
if (check && stale > 0) process.exit(1)
if (!check && stale === 0) console.log('every generated file is up to date')
