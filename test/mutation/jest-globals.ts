import { format } from 'node:util';

export { expect } from 'expect';

/** A test as its file declares it. */
export interface Declared {
  readonly name: string;
  readonly run: () => unknown;
}

type Body = (...values: never[]) => unknown;
type Each = (rows: readonly unknown[]) => (title: string, body: Body, timeout?: number) => void;
type Declare = ((title: string, body: Body, timeout?: number) => void) & { readonly each: Each };
type Hook = () => unknown;

interface Block {
  readonly title: string;
  readonly before: Hook[];
  readonly after: Hook[];
}

let blocks: Block[] = [];
let declared: Declared[] = [];

/** Begins a list of declared tests; the function that it answers ends it. */
export function collectTests(): () => readonly Declared[] {
  blocks = [{ title: '', before: [], after: [] }];
  const collected: Declared[] = [];
  declared = collected;
  return () => collected;
}

export const describe: Declare = Object.assign(
  (title: string, body: Body) => {
    blocks.push({ title, before: [], after: [] });
    body();
    blocks.pop();
  },
  { each: eachOf((title, body) => describe(title, body)) },
);

export const it: Declare = Object.assign(
  (title: string, body: Body) => {
    const around = [...blocks];
    const name = [...around.map(block => block.title), title].filter(part => part !== '').join(' ');
    declared.push({ name, run: () => runWithin(around, body) });
  },
  { each: eachOf((title, body) => it(title, body)) },
);

export const test = it;

export function beforeEach(hook: Hook): void {
  blocks.at(-1)!.before.push(hook);
}

export function afterEach(hook: Hook): void {
  blocks.at(-1)!.after.push(hook);
}

async function runWithin(around: readonly Block[], body: Body): Promise<void> {
  for (const hook of around.flatMap(({ before }) => before)) await hook();
  try {
    await body();
  } finally {
    for (const hook of around.toReversed().flatMap(({ after }) => after)) await hook();
  }
}

/** A row that is a list is a list of arguments; titles take their `%s` from it, and each has its row's number. */
function eachOf(declare: (title: string, body: Body) => void): Each {
  return rows => (title, body) => {
    rows.forEach((row, index) => {
      const values = Array.isArray(row) ? row : [row];
      const wanted = (title.match(/%[sjdifoO]/g) ?? []).length;
      declare(`${format(title, ...values.slice(0, wanted))} (${index})`, () => body(...(values as never[])));
    });
  };
}
