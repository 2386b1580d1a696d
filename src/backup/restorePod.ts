import { annotations, labels } from '../api/names.ts'
import { restrictedContainer, restrictedPod } from '../controller/keyServer/podSecurity.ts'
import type { Pod } from '../kube/resources.ts'
import type { Backup } from './backup.ts'

export const restorePodName = ({ keyServer }: Pick<Backup, 'keyServer'>): string =>
  `kes-${keyServer.metadata.name}-restore`

/** Name of its one container. */
export const restoreContainer = 'import'

/**
 * The pod that fills the volume: the image of the key server, whose launcher reads the archive from its standard input.
 * User, group and restrictions are those of the key server's pod, so that it can read what is written here. It carries none
 * of the labels by which the Service finds that pod.
 */
export const restorePodOf = (backup: Backup, image: string, sha256: string): Pod => ({
  metadata: {
    name: restorePodName(backup),
    namespace: backup.releaseNamespace,
    labels: { [labels.name]: 'kes-injector', [labels.component]: 'restore', [labels.managedBy]: 'kes-injector' },
    annotations: { [annotations.restoredFrom]: backup.id },
  },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    // Somebody who goes away leaves nothing waiting for ever.
    activeDeadlineSeconds: 900,
    securityContext: restrictedPod,
    containers: [
      {
        name: restoreContainer,
        image,
        args: ['import', '--data', backup.server.dataPath, '--sha256', sha256],
        stdin: true,
        stdinOnce: true,
        securityContext: restrictedContainer,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } },
        volumeMounts: [{ name: 'data', mountPath: backup.server.volumePath }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: backup.claim.name } }],
  },
})
