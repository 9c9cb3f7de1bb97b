import { TOLD, UNTOLD } from '../lib/messages/execution-outcome.ts';

/** In this order: the first that knows the error is asked. */
const RETRY = [
  // What our own code says will not come right by itself (lib/queue/step-error.ts).
  { ErrorEquals: ['Refused'], MaxAttempts: 0 },
  // The cap on copies is Lambda's: whoever is over it waits, as long as the execution may.
  { ErrorEquals: ['Lambda.TooManyRequestsException'], ...patience(60), MaxAttempts: 300 },
  // What passes, steps that were killed, and what nobody has thought of, such as a bus that does not answer: Lambda
  // and the SDK have many names for these, and new ones now and then.
  { ErrorEquals: ['States.ALL'], ...patience(300), MaxAttempts: 6 },
];
/** A fetch that was cut off may still go on in Azure; rather than wait for it again, the bytes are streamed. */
const FETCH_RETRY = [
  ...RETRY.slice(0, 2),
  { ErrorEquals: ['Throttled', 'Transient'], ...patience(60), MaxAttempts: 2 },
];
const CATCH = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' }];

/** Hours are enough for any image; days would hide one that hangs. */
export const IMPORT_TIMEOUT_S = 6 * 3600;
/** As long as the function may take; it waits for the registry for 10 minutes. */
const FETCH_TIMEOUT_S = 15 * 60;
/** Items of one image at once. */
const ITEMS_AT_ONCE = 8;

/** Parameters of a step as lib/queue/copy-event.ts has them, in JSONPath: `job.$` stands for `job`. */
type Asks = { readonly op: 'plan' | 'fetch' | 'blob' | 'finish' | 'failed' } & Readonly<
  Record<string, unknown>
>;

/**
 * The state machine of one image, in Amazon States Language. It begins with a message of the imports' queue, and hands
 * on plain data: which blobs, which upload, which offset. `fetches`: there are images that the target's registry may
 * fetch by itself.
 */
export function importStates(copy: string, { fetches = false }: { readonly fetches?: boolean } = {}): object {
  const task = (asks: Asks, more: object) => ({
    Type: 'Task',
    Resource: copy,
    Parameters: asks,
    Retry: RETRY,
    ...more,
  });
  const began = { 'began.$': '$$.Execution.StartTime' };
  return {
    Comment: 'archweave: copies one image, the tag last',
    TimeoutSeconds: IMPORT_TIMEOUT_S,
    StartAt: 'Plan',
    States: {
      Plan: task({ op: 'plan', 'job.$': '$' }, { ResultPath: '$.plan', Catch: CATCH, Next: 'Way' }),
      Way: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.plan.way', StringEquals: 'nothing', Next: 'Done' },
          ...(fetches ? [{ Variable: '$.plan.way', StringEquals: 'acr-import', Next: 'AcrImport' }] : []),
        ],
        Default: 'Blobs',
      },
      // Answers the plan of what is left: nothing where all was fetched. Whatever fails here, Blobs can do.
      ...(fetches && {
        AcrImport: {
          ...task({ op: 'fetch', 'job.$': '$' }, { ResultPath: '$.plan', Next: 'Blobs' }),
          TimeoutSeconds: FETCH_TIMEOUT_S,
          Retry: FETCH_RETRY,
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.plan.caught', Next: 'Blobs' }],
        },
      }),
      Blobs: {
        Type: 'Map',
        ItemsPath: '$.plan.items',
        MaxConcurrency: ITEMS_AT_ONCE,
        ItemSelector: {
          job: { 'v.$': '$.v', 'import.$': '$.import' },
          'item.$': '$$.Map.Item.Value',
          at: {},
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Blob',
          States: {
            Blob: task(
              { op: 'blob', 'job.$': '$.job', 'item.$': '$.item', 'at.$': '$.at' },
              { ResultPath: '$.at', Next: 'More' },
            ),
            More: {
              Type: 'Choice',
              Choices: [{ Variable: '$.at.done', BooleanEquals: false, Next: 'Blob' }],
              Default: 'Copied',
            },
            Copied: { Type: 'Succeed', OutputPath: '$.at.moved' },
          },
        },
        ResultPath: '$.moved',
        Catch: CATCH,
        Next: 'Finish',
      },
      Finish: task(
        { op: 'finish', 'job.$': '$', 'moved.$': '$.moved', 'total.$': '$.plan.total', ...began },
        { ResultPath: '$.finish', Catch: CATCH, Next: 'Whole' },
      ),
      Whole: {
        Type: 'Choice',
        Choices: [{ Variable: '$.finish.done', BooleanEquals: false, Next: 'Plan' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed' },
      Failed: task(
        { op: 'failed', 'job.$': '$', 'error.$': '$.error', ...began },
        {
          ResultPath: null,
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Untold' }],
          Next: 'GivenUp',
        },
      ),
      GivenUp: {
        Type: 'Fail',
        Error: TOLD,
        Cause: 'The event Import Failed says why, and so does the log of copy.',
      },
      // Hands on what it could not tell, to whoever hears that it ended (import-inlets.ts).
      Untold: { Type: 'Fail', Error: UNTOLD, CausePath: 'States.JsonToString($.error)' },
    },
  };
}

function patience(MaxDelaySeconds: number) {
  return { IntervalSeconds: 5, BackoffRate: 2, MaxDelaySeconds, JitterStrategy: 'FULL' };
}
