import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What `/metrics` tells, in the Prometheus text format. Counts only: no names, no addresses. */
export interface Metrics {
  requestSeconds: Histogram<'route' | 'status'>
  signIns: Counter<'door' | 'outcome'>
  /** `read` is asked at each scrape. */
  gauge(name: string, help: string, read: () => number): void
  contentType: string
  render(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    requestSeconds: new Histogram({
      name: 'doorward_request_seconds',
      help: 'Time from request to answer, by route and status',
      labelNames: ['route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    signIns: new Counter({
      name: 'doorward_sign_ins_total',
      help: 'Sign-in steps by door and outcome',
      labelNames: ['door', 'outcome'],
      registers,
    }),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    },
    contentType: registry.contentType,
    render: () => registry.metrics(),
  }
}
