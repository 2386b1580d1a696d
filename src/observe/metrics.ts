import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export type MetricKind = 'counter' | 'gauge' | 'histogram'

export interface MetricDeclaration {
  readonly kind: MetricKind
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

/** What stands before each name in the exposition. */
export const metricPrefix = 'kes_injector_'

/** Every metric of the product; the reference page is made from this table. Never rename one: alerts are built on them. */
export const metrics = {
  admission_requests_total: {
    kind: 'counter',
    help: 'Admission reviews answered, by what was decided and why.',
    labels: ['webhook', 'operation', 'outcome', 'reason'],
  },
  admission_duration_seconds: {
    kind: 'histogram',
    help: 'Time from a whole request to its answer.',
    labels: ['webhook', 'outcome'],
    buckets: [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  certificate_not_after_seconds: {
    kind: 'gauge',
    help: 'Unix time at which a certificate in use expires.',
    labels: ['kind', 'name'],
  },
  reconcile_total: {
    kind: 'counter',
    help: 'Reconciliations finished, by how they ended.',
    labels: ['controller', 'outcome'],
  },
  reconcile_duration_seconds: {
    kind: 'histogram',
    help: 'Time of one reconciliation.',
    labels: ['controller'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  workqueue_depth: {
    kind: 'gauge',
    help: 'Keys that wait for a worker.',
    labels: ['controller'],
  },
  watch_last_event_age_seconds: {
    kind: 'gauge',
    help: 'Seconds since the API server was last heard on a watch; bookmarks count.',
    labels: ['resource'],
  },
  leader: {
    kind: 'gauge',
    help: '1 while this process holds the Lease, else 0.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>

type Metrics = typeof metrics
export type MetricName = keyof Metrics
type NameOf<K extends MetricKind> = { [N in MetricName]: Metrics[N]['kind'] extends K ? N : never }[MetricName]
/** Every label of the metric, none else. */
export type LabelsOf<N extends MetricName> = Readonly<Record<Metrics[N]['labels'][number], string>>

/** The product's metrics. A name, kind or label that is not in the table does not compile. */
export interface Meter {
  /** Adds to a counter; 1 unless told. */
  count<N extends NameOf<'counter'>>(name: N, labels: LabelsOf<N>, by?: number): void
  /** Sets a gauge. */
  set<N extends NameOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void
  /** Has a gauge asked for at each scrape, for what changes by itself: ages, depths. */
  follow<N extends NameOf<'gauge'>>(name: N, read: () => readonly (readonly [LabelsOf<N>, number])[]): void
  /** Forgets one series of a gauge, when what it spoke of is gone. */
  drop<N extends NameOf<'gauge'>>(name: N, labels: LabelsOf<N>): void
  /** Adds to a histogram, in seconds. */
  observe<N extends NameOf<'histogram'>>(name: N, labels: LabelsOf<N>, seconds: number): void
  /** The Prometheus text exposition, and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly body: string }>
}

export interface MeterOptions {
  /** Node's own (memory, event-loop lag, file descriptors): once a process, off in tests. */
  readonly ofNode?: boolean
}

export function createMeter({ ofNode = false }: MeterOptions = {}): Meter {
  const registry = new Registry()
  if (ofNode) collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  const followed = new Map<string, (gauge: Gauge) => void>()

  for (const [name, declared] of Object.entries<MetricDeclaration>(metrics)) {
    const common = {
      name: metricPrefix + name,
      help: declared.help,
      labelNames: [...declared.labels],
      registers: [registry],
    }
    if (declared.kind === 'counter') counters.set(name, new Counter(common))
    else if (declared.kind === 'histogram')
      histograms.set(name, new Histogram({ ...common, buckets: [...(declared.buckets ?? [])] }))
    else
      gauges.set(
        name,
        new Gauge({
          ...common,
          collect() {
            followed.get(name)?.(this)
          },
        }),
      )
  }

  return {
    count: (name, labels, by = 1) => declaredIn(counters, name).inc(labels, by),
    set: (name, labels, value) => declaredIn(gauges, name).set(labels, value),
    follow: (name, read) => {
      followed.set(name, (gauge) => {
        gauge.reset()
        for (const [labels, value] of read()) gauge.set(labels, value)
      })
    },
    drop: (name, labels) => declaredIn(gauges, name).remove(labels),
    observe: (name, labels, seconds) => declaredIn(histograms, name).observe(labels, seconds),
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}

function declaredIn<M>(table: ReadonlyMap<string, M>, name: string): M {
  const metric = table.get(name)
  if (metric === undefined) throw new Error(`no metric named ${name} is declared`)
  return metric
}
