import { isTrue } from '../../src/api/conditions.ts'
import type { Step } from '../../src/controller/kesIdentity/plan.ts'
import { identityOfKey, type World } from './kesIdentityWorld.ts'

const isRevoking = (step: Step): boolean => ['withdraw', 'takeAway', 'forget', 'release'].includes(step.do)

/** What is wrong with carrying this step out now. The words are the promises of `plan`. */
export function wrongs(world: World, next: World, step: Step): string[] {
  const { kept, handedOut, kes, status } = world
  const wrong: string[] = []
  const must = (holds: boolean, promise: string) => {
    if (!holds) wrong.push(`${step.do}: ${promise}`)
  }
  const { serverGone, skip, silentSince, deletedOn, day, finalizer, deleting } = world
  const silentForADay =
    silentSince !== undefined && deletedOn !== undefined && day - Math.max(silentSince, deletedOn) >= 1
  // Whose pair is lost cannot be tried: then what is listed is all that anybody can know.
  const letIn = typeof kept === 'object' && kes.stale.includes(kept.key) && !kes.refuses
  const opensNothing = kes.reachable && kes.policy === 'missing' && kes.assigned.length === 0 && !letIn
  const wasRefused = kept === undefined && isTrue(status.conditions, 'Revoked')
  const isOver = serverGone || skip || silentForADay || opensNothing || wasRefused
  const recordedIsInWorkload = typeof handedOut === 'object' && identityOfKey(handedOut) === status.identity
  if (isRevoking(step)) {
    must(deleting, 'only what is being deleted is revoked')
    must(isOver || step.do === 'withdraw', 'it comes after a real call was refused everywhere')
    const isForgotten = kept === undefined && typeof handedOut !== 'object'
    must(isForgotten || step.do !== 'release', 'no Secret of ours holds the pair when it goes')
    return wrong
  }
  must(!deleting, 'nothing is made or given to an identity that is being deleted')
  must(finalizer || step.do === 'holdBack', 'nothing is made before its deletion is held back')
  const isWithdrawn = typeof kept === 'object' && world.withdrawn.includes(kept.key)
  switch (step.do) {
    case 'create':
      must(kept === undefined, 'a pair that is there is not made again, readable or not')
      must(!recordedIsInWorkload, 'no other key while MinIO holds the recorded one')
      break
    case 'takeBack':
      must(recordedIsInWorkload, 'nothing is taken back but the recorded key')
      break
    case 'renew':
      must(
        typeof kept === 'object' && typeof next.kept === 'object' && kept.key === next.kept.key,
        'the key stays the same',
      )
      break
    case 'writePolicy':
      must(kes.policy !== 'current', 'a policy that is right is left alone')
      break
    case 'assignPolicy':
      must(!isWithdrawn, 'a key that was revoked is never enrolled again')
      must(kes.policy === 'current', 'a policy exists before it is assigned')
      break
    case 'handOut':
      must(!isWithdrawn, 'a key that was revoked is never handed out again')
      must(handedOut !== 'foreign', "a Secret of somebody else's is not written")
      must(
        kes.reachable &&
          kes.policy === 'current' &&
          kes.hasKey &&
          !kes.refuses &&
          typeof kept === 'object' &&
          kes.assigned.includes(kept.key),
        'only a pair that a real call was made with is handed out',
      )
      must(
        typeof kept === 'object' && identityOfKey(kept) === status.identity,
        'it is recorded before it is handed out',
      )
      break
    case 'holdBack':
    case 'import':
    case 'withdraw':
    case 'takeAway':
    case 'forget':
    case 'release':
    case 'request':
    case 'take':
    case 'dropRequest':
      break
  }
  must(
    world.serverReady && world.admitted,
    'nothing is made for a namespace that is not admitted, or at a server that is not ready',
  )
  return wrong
}
