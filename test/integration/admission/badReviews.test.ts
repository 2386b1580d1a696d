import { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { badObjects } from './badObjects.ts'
import { canary, type Answered, type BadReview } from './badReview.ts'
import { badReviews } from './badReviews.ts'
import { call } from './port.ts'
import { innards, isWell, logged } from './survival.ts'
import { startWebhook, type WebhookProcess } from './webhookProcess.ts'

interface Reply {
  readonly apiVersion: string
  readonly response: {
    readonly allowed: boolean
    readonly patch?: string
    readonly warnings?: readonly string[]
    readonly status?: { readonly message: string }
    readonly auditAnnotations: { readonly reason: string }
  }
}

const all: readonly BadReview[] = [...badReviews, ...badObjects]
const bodyOf = (row: number): Buffer | string => {
  const found = all.find((each) => each.row === row && 'body' in each)
  return found && 'body' in found ? found.body : ''
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let webhook: WebhookProcess
beforeAll(async () => {
  webhook = await startWebhook()
  await webhook.untilReady()
})
afterAll(async () => {
  agent.destroy()
  await webhook[Symbol.asyncDispose]()
})

const patchOf = ({ response: { patch } }: Reply): string =>
  patch === undefined ? '[]' : Buffer.from(patch, 'base64').toString()

function checkReply(text: string, answer: Exclude<Answered, number>): void {
  const reply = JSON.parse(text) as Reply
  const { response } = reply
  const patch = patchOf(reply)
  expect({ allowed: response.allowed, reason: response.auditAnnotations.reason }).toEqual({
    allowed: answer.allowed ?? true,
    reason: answer.reason,
  })
  expect(JSON.parse(patch), patch).toHaveLength(answer.operations ?? 0)
  expect(patch).not.toContain(canary)
  if (!response.allowed) expect(response.status?.message).toMatch(new RegExp(`^${answer.reason}: `))
}

describe('a bad review', () => {
  const rows = all.filter((each) => 'body' in each)
  it.each(rows.map((each) => [each.row, each.what, each] as const))('%i: %s', async (_row, _what, { body, answer }) => {
    const before = webhook.log()
    const { status, text } = await call(webhook, { body, agent })
    expect(status, text).toBe(typeof answer === 'number' ? answer : 200)
    expect(text).not.toContain(canary)
    expect(text).not.toMatch(innards)
    if (typeof answer === 'object') checkReply(text, answer)
    else expect(Object.keys(JSON.parse(text) as object)).toEqual(['error', 'message'])
    const lines = await logged(webhook, before, 1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      webhook: 'mutate',
      reason: typeof answer === 'object' ? answer.reason : answer === 503 ? 'NotReady' : 'BadRequest',
    })
    expect(JSON.stringify(lines)).not.toContain(canary)
    await isWell(webhook)
  })

  it.each(all.filter((each) => 'notApplicable' in each))('$row: $what: not here, because $notApplicable', (each) => {
    expect(each.notApplicable.length).toBeGreaterThan(20)
  })

  it('comes in every form on the list: rows 27 to 68', () => {
    const numbers = new Set(all.map(({ row }) => row))
    expect([...numbers].sort((one, other) => one - other)).toEqual(Array.from({ length: 42 }, (_, at) => at + 27))
  })

  it('34: is answered in the version that it was asked in', async () => {
    const { text } = await call(webhook, { body: bodyOf(34), agent })
    expect((JSON.parse(text) as Reply).apiVersion).toBe('admission.k8s.io/v1beta1')
  })

  it('42, 68: gets the same bytes again, dry run or not', async () => {
    const ask = async (row: number): Promise<string> => (await call(webhook, { body: bodyOf(row), agent })).text
    expect(await ask(46)).toBe(await ask(46))
    expect(await ask(42)).toBe(await ask(46))
  })

  it('leads to no call to the API server but the live read of a namespace that is not known', () => {
    expect(new Set(webhook.reads)).toEqual(new Set(['/api/v1/namespaces/nowhere']))
  })
})
