import { Fields } from '../image/fields.ts';

/** A deployment on AWS, as operators' commands need to know it. Queues are URLs. */
export interface Deployment {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly work: string;
  readonly deadLetters: string;
  readonly inletDeadLetters: string;
  readonly sweepDeadLetters: string;
  /** Name of the ledger's table. */
  readonly ledger: string;
  /** Names of functions. */
  readonly receive: string;
  readonly assemble: string;
  /** Those that a clock starts. */
  readonly clocks: readonly string[];
  /** UUID of what hands the work queue's messages to `assemble`. */
  readonly assembleMapping: string;
  /** Only where the stack runs imports: their dead letters, and the name of the function that takes them again. */
  readonly imports?: { readonly deadLetters: string; readonly intake: string };
}

/** The output of a stack that holds this as JSON has a logical id that ends so. */
export const DEPLOYMENT_OUTPUT = /Deployment$/;

const VERSION = 1;

/**
 * Reads what the stack says of itself; the account is that of its ARN. Throws `malformed` with the field, also for a
 * version not known here.
 */
export function readDeployment(output: string, stack: string, arn: string): Deployment {
  const fields = Fields.parse(
    new TextEncoder().encode(output),
    `read what the stack ${stack} says of itself`,
  );
  if (fields.values.archweave !== VERSION) throw fields.complaint('archweave', `is not ${VERSION}`);
  const imports = fields.optionalObject('imports');
  return {
    region: fields.string('region'),
    account: arn.split(':')[4] ?? '',
    work: fields.string('work'),
    deadLetters: fields.string('deadLetters'),
    inletDeadLetters: fields.string('inletDeadLetters'),
    sweepDeadLetters: fields.string('sweepDeadLetters'),
    ledger: fields.string('ledger'),
    receive: fields.string('receive'),
    assemble: fields.string('assemble'),
    clocks: fields.optionalStrings('clocks') ?? [],
    assembleMapping: fields.string('assembleMapping'),
    ...(imports && {
      imports: { deadLetters: imports.string('deadLetters'), intake: imports.string('intake') },
    }),
  };
}
