import type { AwsCall } from '../../test/support/aws-stub.ts';
import type { CallCounts, CountedStep } from '../../test/support/index-life.ts';
import { ASSUMED, PRICES } from './prices.ts';

export interface BillLine {
  readonly item: string;
  readonly arithmetic: string;
  readonly dollars: number;
}

/** What one index of two members uses of each thing that costs money. */
export interface Usage {
  readonly receive: Runs;
  readonly assemble: Runs;
  readonly fifoRequests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly events: number;
  readonly logBytes: number;
}

interface Runs {
  readonly runs: number;
  /** Of all of them together. */
  readonly milliseconds: number;
}

/** Members of an index here, so that a million pushes are half a million indexes. */
const MEMBERS = 2;
const INDEXES = 1e6 / MEMBERS;

/**
 * From the counted steps of a whole life, the last of them a later look, of which there are several and whose messages
 * `due` sends. Each message counts as a call of its own to send, receive and delete it, although SQS takes ten at
 * once: a bill is rather too high than too low.
 */
export function usageOf(steps: readonly CountedStep[]): Usage {
  const pushes = steps.slice(0, -1);
  const all = [...pushes, ...Array.from({ length: ASSUMED.laterLooks }, () => steps.at(-1)!)];
  const sum = (of: (step: CountedStep) => number) => all.reduce((total, step) => total + of(step), 0);
  const receive = runsOf(pushes.map(step => step.receive));
  const assemble = runsOf(all.map(step => step.assemble));
  return {
    receive,
    assemble,
    fifoRequests: sum(step => count(step.receive, 'SQS') + count(step.assemble, 'SQS')) + 2 * assemble.runs,
    writeUnits: sum(({ calls }) => calls.reduce((units, call) => units + writeUnits(call), 0)),
    readUnits: sum(({ calls }) => calls.reduce((units, call) => units + readUnits(call), 0)),
    events: sum(step => count(step.assemble, 'EventBridge')),
    logBytes: sum(({ logged }) => logged) + (receive.runs + assemble.runs) * ASSUMED.runLines,
  };
}

/** For a million pushes of members. */
export function billOf(usage: Usage): readonly BillLine[] {
  const { fifoRequests, writeUnits: writes, readUnits: reads, events, logBytes } = usage;
  const line = (item: string, each: number, unit: string, price: number): BillLine => ({
    item,
    arithmetic: `${millions(each * INDEXES)} ${unit}`,
    dollars: each * INDEXES * price,
  });
  const gigabytes = (logBytes * INDEXES) / 1e9;
  return [
    { item: 'events of ECR', arithmetic: 'on the default bus', dollars: 0 },
    lambda('receive', usage.receive),
    lambda('assemble', usage.assemble),
    line('SQS FIFO', fifoRequests, 'calls', PRICES.fifoRequest),
    line('DynamoDB writes', writes, 'units', PRICES.writeUnit),
    line('DynamoDB reads', reads, 'units', PRICES.readUnit),
    line('own events', events, 'events', PRICES.customEvent),
    { item: 'logs', arithmetic: `${gigabytes.toFixed(1)} GB`, dollars: gigabytes * PRICES.logGigabyte },
  ];
}

/** The table for docs/aws.md, its last row the sum. */
export function billTable(lines: readonly BillLine[]): string {
  const total = lines.reduce((sum, { dollars }) => sum + dollars, 0);
  const rows = [...lines, { item: '**together**', arithmetic: '', dollars: total }];
  const cells = rows.map(
    ({ item, arithmetic, dollars }) => `| ${item} | ${arithmetic} | ${dollars.toFixed(2)} |`,
  );
  return ['| for | how much | $ |', '| --- | --- | ---: |', ...cells].join('\n');
}

function runsOf(steps: readonly CallCounts[]): Runs {
  const calls = steps.reduce((sum, counts) => sum + count(counts, ''), 0);
  return { runs: steps.length, milliseconds: steps.length * ASSUMED.run + calls * ASSUMED.call };
}

function lambda(name: 'receive' | 'assemble', { runs, milliseconds }: Runs): BillLine {
  const gigabytes = ASSUMED[name];
  const seconds = milliseconds / 1000;
  const each = runs * PRICES.lambdaRequest + seconds * gigabytes * PRICES.lambdaGigabyteSecond;
  return {
    item: `Lambda, ${name}`,
    arithmetic: `${millions(runs * INDEXES)} runs of ${Math.round(milliseconds / runs)} ms with ${gigabytes * 1024} MB`,
    dollars: INDEXES * each,
  };
}

/** Calls of one service, or of all. */
function count(counts: CallCounts, service: string): number {
  return Object.entries(counts).reduce(
    (sum, [name, calls]) => sum + (name.startsWith(service) ? calls : 0),
    0,
  );
}

/** A unit is a kilobyte; what the index over deadlines holds of an item is written a second time. */
function writeUnits({ service, operation, input }: AwsCall): number {
  if (service !== 'DynamoDB' || !/^(Put|Update|Delete)Item$/.test(operation)) return 0;
  const size = JSON.stringify(input.Item ?? input.ExpressionAttributeValues ?? {}).length;
  const indexed = /dueShard/.test(JSON.stringify([input.Item ?? null, input.UpdateExpression ?? null]));
  return Math.ceil(size / 1024) * (indexed ? 2 : 1);
}

/** Consistent reads of less than four kilobytes, which all of these are. */
function readUnits({ service, operation }: AwsCall): number {
  return service === 'DynamoDB' && (operation === 'GetItem' || operation === 'Query') ? 1 : 0;
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(1)} M`;
}
