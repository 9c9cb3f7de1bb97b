import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Telemetry } from '../lib/queue/telemetry.ts';
import { VERSION } from '../lib/version.ts';
import { config } from './environment.ts';

/** Powertools drops what is null; here every line of one kind has the same keys. */
class WholeLogItem extends LogItem {
  override prepareForPrint(): void {}
}

class LineFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, facts: LogAttributes): LogItem {
    const { timestamp, logLevel, message, lambdaContext, xRayTraceId } = attributes;
    return new WholeLogItem({
      attributes: {
        time: timestamp.toISOString(),
        level: logLevel.toLowerCase(),
        event: message,
        ...facts,
        config: config.sha,
        version: VERSION,
        request: lambdaContext?.awsRequestId ?? null,
        xray: xRayTraceId ?? null,
      },
    });
  }
}

/**
 * Powertools' logger and metrics for one function, and the middlewares that tie them to an invocation. The metrics of
 * a deployment are one set, whichever function counts: a dimension more would cost for each.
 */
export function functionTelemetry(service: string) {
  const logger = new Logger({ serviceName: service, logFormatter: new LineFormatter() });
  const metrics = new Metrics({ namespace: 'Archweave', serviceName: service });
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ Service: process.env.ARCHWEAVE_NAME ?? 'archweave' });
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  const telemetry: Telemetry = {
    log: (level, event, facts) => logger[level](event, facts),
    measure: (metric, value = 1) =>
      void metrics.addMetric(
        metric,
        metric.endsWith('Ms') ? MetricUnit.Milliseconds : MetricUnit.Count,
        value,
      ),
  };
  return { telemetry, middlewares: [injectLambdaContext(logger), { after: publish, onError: publish }] };
}
