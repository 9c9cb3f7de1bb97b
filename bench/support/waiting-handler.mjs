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

// Layers are not fetched by the SDK: until the last byte is there, that is a call too.
const fetchNow = globalThis.fetch;
globalThis.fetch = (...call) =>
  globalThis.benchCall(async () => {
    const response = await fetchNow(...call);
    return new Response(await response.arrayBuffer(), response);
  });

const { handler: inner } = await import(process.env.BENCH_HANDLER);

export const handler = async (event, context) => {
  calling = 0;
  const before = cpuTime();
  const result = await inner(event, context);
  const all = cpuTime() - before;
  return { result, all, own: all - calling };
};
