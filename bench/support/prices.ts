import { LOOKS_AFTER_PUBLICATION } from '../../lib/queue/wake-due.ts';

/**
 * What AWS asks for, in US dollars: list prices of us-east-1 without free tiers or discounts, as the pages named
 * here show them; written down on 2026-11-25. Other Regions differ by up to a third.
 */
export const PRICES = {
  /** https://aws.amazon.com/lambda/pricing/ (arm64) */
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  /** https://aws.amazon.com/sqs/pricing/ (FIFO, each call with up to 64 KB) */
  fifoRequest: 0.5 / 1e6,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** https://aws.amazon.com/eventbridge/pricing/ (events of AWS services on the default bus cost nothing) */
  customEvent: 1 / 1e6,
  /** https://aws.amazon.com/cloudwatch/pricing/ (ingestion) */
  logGigabyte: 0.5,
} as const;

/**
 * What cannot be counted here, because it is not our work: how long AWS takes to answer, what Lambda itself writes
 * into a log, and the memory that the deployment gives.
 */
export const ASSUMED = {
  /** Milliseconds of each call, as if each waited for the one before; and of a run beside its calls. */
  call: 25,
  run: 20,
  /** Gigabytes of memory. */
  receive: 0.25,
  assemble: 0.5,
  /** Bytes of Lambda's START, END and REPORT lines for a run. */
  runLines: 400,
  /** How often `due` looks again at what was published. */
  laterLooks: LOOKS_AFTER_PUBLICATION.length,
} as const;
