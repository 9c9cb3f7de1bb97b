import { isArchweaveError } from '../errors.ts';

/** What is counted. Registry, repository and reason are fields of the log, never dimensions: each would cost. */
export type Metric =
  | 'PushReceived'
  | 'PushIgnored'
  | 'IndexPublished'
  | 'IndexUnchanged'
  | 'IndexWaiting'
  | 'IndexHeld'
  | 'IndexOverdue'
  | 'PushToIndexMs'
  | 'RegistryRequests'
  | 'RegistryThrottled'
  | 'DecideAgain'
  | 'SweepRepaired'
  | 'SweepCompleted'
  | 'BytesCopied';

export type Facts = Readonly<Record<string, unknown>>;

/** Where lines and numbers go. Never throws. */
export interface Telemetry {
  log(level: 'debug' | 'info' | 'warn' | 'error', event: string, facts: Facts): void;
  /** Adds to a metric; `PushToIndexMs` gets one value each time. */
  measure(metric: Metric, value?: number): void;
}

/** What a log line says of a failure. Words of errors that nobody made for people may hold anything: they stay out. */
export function failureFacts(error: unknown): Facts {
  if (!isArchweaveError(error))
    return { code: 'internal', error: error instanceof Error ? error.name : 'something was thrown' };
  const { code, message, where, status } = error;
  return {
    code,
    error: message,
    ...(where !== undefined && { where }),
    ...(status !== undefined && { status }),
  };
}
