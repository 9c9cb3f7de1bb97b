import type { Facts, Metric, Telemetry } from '../../lib/queue/telemetry.ts';

export interface TelemetryRecorder extends Telemetry {
  readonly lines: { readonly level: string; readonly event: string; readonly facts: Facts }[];
  readonly values: Map<Metric, number[]>;
  sum(metric: Metric): number;
  /** The facts of all lines of one event. */
  of(event: string): readonly Facts[];
}

/** Telemetry that keeps what it is told. */
export function recordTelemetry(): TelemetryRecorder {
  const lines: TelemetryRecorder['lines'] = [];
  const values = new Map<Metric, number[]>();
  return {
    lines,
    values,
    log: (level, event, facts) => void lines.push({ level, event, facts }),
    measure: (metric, value = 1) => void values.set(metric, [...(values.get(metric) ?? []), value]),
    sum: metric => (values.get(metric) ?? []).reduce((sum, value) => sum + value, 0),
    of: event => lines.filter(line => line.event === event).map(({ facts }) => facts),
  };
}
