import { clientSecretName, kesPort, sidecarContainerName } from '../api/names.ts'
import { listOf, memberAt, textAt } from '../minio/shape.ts'
import type { Context } from './context.ts'
import { deny, inject, skip, type Decision, type Deny } from './decision.ts'
import { runsInPods } from './endpoint.ts'
import { quoted } from './keyChoice.ts'
import { addEntries } from './patch.ts'
import { sidecarVolume } from './sidecar.ts'
import { isWhole, readSidecar, type SidecarFacts } from './sidecarFacts.ts'
import { missingVolumes, planContainer } from './sidecarPlan.ts'

/** A rule about the KES inside a pod. */
type SidecarRule = (facts: SidecarFacts) => Deny | undefined

// Every pod of a node would want the same port, and MinIO would find the KES of another one there.
const hostNetwork: SidecarRule = (facts) =>
  facts.hostNetwork
    ? deny(
        'PortCollision',
        `the pod is on the network of its node, where 127.0.0.1:${kesPort} is everybody's, and its KeyServer runs inside ` +
          'MinIO pods (placement Sidecar). Leave out hostNetwork, or use a KeyServer with placement Service.',
      )
    : undefined

const portTaken: SidecarRule = (facts) =>
  facts.portTaken === undefined
    ? undefined
    : deny(
        'PortCollision',
        `the container ${quoted(facts.portTaken)} listens on port ${kesPort}, which the KES inside the pod needs ` +
          '(placement Sidecar): give it another port.',
      )

const containerName: SidecarRule = ({ container }) =>
  container === 'strange'
    ? deny(
        'NameCollision',
        `the pod has a container of its own called ${sidecarContainerName}, which is the name of the KES inside the pod ` +
          '(placement Sidecar): give it another name.',
      )
    : undefined

const volumeName: SidecarRule = ({ volume }) =>
  volume === 'strange'
    ? deny('NameCollision', `the pod has a volume of its own called ${sidecarVolume.volume}: give it another name.`)
    : undefined

const rules: readonly SidecarRule[] = [hostNetwork, portTaken, containerName, volumeName]

/** Why KES cannot run inside this pod; undefined where it can. */
export function inTheWay(facts: SidecarFacts): Deny | undefined {
  for (const rule of rules) {
    const answer = rule(facts)
    if (answer) return answer
  }
  return undefined
}

/** Told where KES is added. */
export const sidecarNote = `KES runs inside the pod, in the container ${sidecarContainerName}`

/**
 * Decides about a pod of the operator's whose KeyServer runs inside MinIO pods: it gets KES and nothing else, since its Tenant carries the
 * settings. Whether the Tenant is connected the pod shows by mounting the identity; an annotation says nothing here, because a connected
 * Tenant that opts out stays connected. Undefined where the pod is to be left alone.
 */
export function decideOperatorSidecar(pod: unknown, { keyServer, sidecarImage }: Context): Decision | undefined {
  if (keyServer === 'unknown' || !runsInPods(keyServer) || !mountsIdentity(pod)) return undefined
  const facts = readSidecar(pod)
  if (!facts) return undefined
  if (isWhole(facts)) return skip('AlreadyInjected')
  const operations = [
    ...addEntries(facts.volumes, ['spec', 'volumes'], 'last', missingVolumes(pod, facts)),
    ...planContainer(pod, facts, keyServer, sidecarImage),
  ]
  return inTheWay(facts) ?? inject('Injected', operations, { keyServer: keyServer.name }, [sidecarNote])
}

function mountsIdentity(pod: unknown): boolean {
  const volumes = listOf(memberAt(pod, 'spec', 'volumes')) ?? []
  return volumes.some((volume) =>
    (listOf(memberAt(volume, 'projected', 'sources')) ?? []).some(
      (source) => textAt(source, 'secret', 'name') === clientSecretName,
    ),
  )
}
