/** The same failure without what the Azure SDK hangs on it: its request, token and all. */
export function bareError(failure: unknown): Error {
  const { name, message, code } = failure as { name?: string; message?: string; code?: string };
  const told = new Error(message ?? 'no answer');
  Object.defineProperty(told, 'name', { value: name ?? 'Error' });
  return code === undefined ? told : Object.assign(told, { code });
}
