import { isArchweaveError } from '../../errors.ts';
import { isBrokenConnection } from './network-error.ts';

/** How often and how patiently a request is sent again. */
export interface RetryPolicy {
  readonly tries: number;
  /** Milliseconds: the first wait is at most this, each further one at most twice the one before. */
  readonly base: number;
  /** Milliseconds: the longest wait between two tries, whoever asks for it, but for what spreads those who were asked. */
  readonly longest: number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Evenly in [0, 1). */
  readonly random: () => number;
}

/**
 * `always`: reads, and writes that say the same whenever they land. `if-refused`: only where the registry said that
 * it did not take the request. `never`: the body cannot be sent twice.
 */
export type Resend = 'always' | 'if-refused' | 'never';

export const PATIENT: RetryPolicy = {
  tries: 5,
  base: 200,
  longest: 60_000,
  sleep: async (ms, signal) => {
    const { setTimeout: wait } = await import('node:timers/promises');
    await wait(ms, undefined, signal && { signal });
  },
  random: Math.random,
};

/** Of a wait that was asked for: so much longer at most, or all who were refused together would come together again. */
const SPREAD = 0.25;

/**
 * Runs `send` until it answers, or fails in a way that waiting does not help. What `Retry-After` asks for is waited for,
 * and up to a quarter longer; where it asks for more than the policy allows, the error is thrown at once and carries it.
 */
export async function persistently<T>(
  send: () => Promise<T>,
  resend: Resend,
  policy: RetryPolicy,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await send();
    } catch (error) {
      const wait = isWorthAnother(error, resend) ? waitAfter(error, tried, policy) : undefined;
      if (wait === undefined) throw tired(error, tried);
      await policy.sleep(wait, signal).catch(() => {});
    }
  }
}

/** Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date; undefined where it says neither. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function isWorthAnother(error: unknown, resend: Resend): boolean {
  if (!isArchweaveError(error)) return false;
  if (error.code === 'throttled') return resend !== 'never';
  if (resend !== 'always') return false;
  return (error.code === 'registry-failed' && error.retryable) || isBrokenConnection(error.cause);
}

function waitAfter(error: unknown, tried: number, policy: RetryPolicy): number | undefined {
  if (tried >= policy.tries) return undefined;
  const asked =
    isArchweaveError(error) && error.retryAfter !== undefined ? error.retryAfter * 1000 : undefined;
  if (asked !== undefined && asked > policy.longest) return undefined;
  const ceiling = Math.min(policy.base * 2 ** (tried - 1), policy.longest);
  const random = policy.random();
  return Math.max((ceiling * (1 + random)) / 2, (asked ?? 0) * (1 + SPREAD * random));
}

function tired(error: unknown, tried: number): unknown {
  if (!isArchweaveError(error) || error.code !== 'throttled') return error;
  const asked = error.retryAfter === undefined ? '' : ` for ${Math.ceil(error.retryAfter)} s`;
  const tries = tried === 1 ? '1 try' : `${tried} tries`;
  return error.with({ reason: `asked to slow down${asked}, gave up after ${tries}` });
}
