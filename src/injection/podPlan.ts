import { kesVariableOrder, kesVariables, type KesSettings } from '../minio/environment.ts'
import type { Context } from './context.ts'
import { addEntries, type Operation } from './patch.ts'
import type { PodFacts } from './podFacts.ts'
import { mount, podFiles, volumeFor } from './podVolume.ts'
import { missingVolumes, planContainer } from './sidecarPlan.ts'

/**
 * The few operations after which a pod is connected; none where it is. Nothing that is there is moved or changed.
 *
 * Our variables stand before the user's, who can then refer to them: `$(VAR)` sees only what stands above it.
 */
export function planPod(
  pod: unknown,
  facts: PodFacts,
  { endpoint, keyName }: Pick<KesSettings, 'endpoint' | 'keyName'>,
  { keyServer, sidecarImage }: Pick<Context, 'keyServer' | 'sidecarImage'>,
): readonly Operation[] {
  const { certificateFile, keyFile, authorityPath } = podFiles
  const settings: KesSettings = { endpoint, keyName, certificateFile, keyFile, authorityPath }
  const missing = kesVariableOrder
    .filter((each) => !facts.kes.has(each))
    .map((each) => ({ name: kesVariables[each], value: settings[each] }))
  const container = ['spec', 'containers', facts.container]
  const { sidecar } = facts
  const volumes = [
    ...(facts.volume === 'missing' ? [volumeFor(pod)] : []),
    ...(sidecar ? missingVolumes(pod, sidecar) : []),
  ]
  return [
    ...addEntries(facts.volumes, ['spec', 'volumes'], 'last', volumes),
    ...addEntries(facts.mounts, [...container, 'volumeMounts'], 'last', facts.mounted ? [] : [mount]),
    ...addEntries(facts.env, [...container, 'env'], 'first', missing),
    ...(sidecar && keyServer !== 'unknown' ? planContainer(pod, sidecar, keyServer, sidecarImage) : []),
  ]
}
