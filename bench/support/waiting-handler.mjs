// Stands before a function that was bundled with timed-calls.ts and says what a run cost in CPU time, and how much of
// that while no call to a registry, ledger or bus was under way: its own work. In milliseconds.
let under = 0;
let since = 0;
let calling = 0;

const cpuTime = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

const end = () => {
  under -= 1;
  if (under === 0) calling += cpuTime() - since;
};

globalThis.benchCall = call => {
  if (under === 0) since = cpuTime();
  under += 1;
  const answer = call();
  answer.then(end, end);
  return answer;
};

// Layers are not fetched by the SDK: until the last byte is there, that is a call too. The bytes are handed on without
// a second stream around them, which would count as the function's own work.
const fetchNow = globalThis.fetch;
globalThis.fetch = (...call) =>
  globalThis.benchCall(async () => {
    const { status, headers, body } = await fetchNow(...call);
    const parts = [];
    for await (const part of body ?? []) parts.push(part);
    return { status, headers, body: handedOn(parts) };
  });

async function* handedOn(parts) {
  yield* parts;
}

const { handler: inner } = await import(process.env.BENCH_HANDLER);

export const handler = async (event, context) => {
  calling = 0;
  const before = cpuTime();
  const result = await inner(event, context);
  const all = cpuTime() - before;
  return { result, all, own: all - calling };
};
