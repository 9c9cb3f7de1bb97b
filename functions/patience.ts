/** Milliseconds for one request, and how often a read is sent; after that the queue waits, not the function. */
export const PATIENCE = { timeout: 8_000, attempts: 2 };
