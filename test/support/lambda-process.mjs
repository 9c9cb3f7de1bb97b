// Runs one bundled function as Lambda does: one process, one invocation after another. Talks over IPC.
const { handler } = await import(process.argv[2]);
process.on('message', async ({ event, remaining, request }) => {
  const began = Date.now();
  const context = {
    awsRequestId: request,
    functionName: 'function',
    memoryLimitInMB: '512',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:function',
    getRemainingTimeInMillis: () => remaining - (Date.now() - began),
  };
  try {
    process.send({ request, result: (await handler(event, context)) ?? null });
  } catch (error) {
    process.send({ request, error: `${error.name}: ${error.message}` });
  }
});
process.send({ ready: true });
