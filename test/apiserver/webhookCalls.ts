import type { ClusterAccess } from '../fixtures/clusterAccess.ts'

// The counter is about answers, the histogram about every try, also those that never reached the webhook.
const families = [
  'apiserver_admission_webhook_request_total',
  'apiserver_admission_webhook_admission_duration_seconds_count',
]

/** How often the API server has called our webhooks so far, by its own metrics: answers and tries. */
export async function webhookCalls({ kubectl }: ClusterAccess): Promise<number> {
  const metrics = await kubectl(['get', '--raw', '/metrics'])
  return metrics
    .split('\n')
    .filter(
      (line) => families.some((family) => line.startsWith(`${family}{`)) && /name="[^"]*kes-injector\.io"/.test(line),
    )
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
