import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What a server counts, in Prometheus' form. */
export interface Metrics {
  answered(status: number, seconds: number): void;
  computed(pictures: number, seconds: number): void;
  found(detections: number): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** @param state is asked when somebody looks */
export function createMetrics(state: { queue: () => number; heldBytes: () => number }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  collectDefaultMetrics({ register: registry });
  gauge("singleshot_queue_length", "Pictures that wait or are computed.", state.queue);
  gauge("singleshot_held_bytes", "Bytes of the files of all requests.", state.heldBytes);
  const requests = new Counter({
    name: "singleshot_requests_total",
    help: "Detection requests by status.",
    labelNames: ["status"],
    registers,
  });
  const duration = new Histogram({ name: "singleshot_request_seconds", help: "From request to answer.", buckets: SECONDS, registers });
  const sizes = new Histogram({
    name: "singleshot_batch_pictures",
    help: "Pictures computed together.",
    buckets: [1, 2, 4, 8, 16],
    registers,
  });
  const batches = new Histogram({ name: "singleshot_batch_seconds", help: "From pixels to detections.", buckets: SECONDS, registers });
  const detections = new Counter({ name: "singleshot_detections_total", help: "Objects found.", registers });
  return {
    answered(status, seconds) {
      requests.inc({ status });
      duration.observe(seconds);
    },
    computed(pictures, seconds) {
      sizes.observe(pictures);
      batches.observe(seconds);
    },
    found: (count) => detections.inc(count),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
