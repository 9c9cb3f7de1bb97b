import { type Asked, ecrError } from '../../lib/registry/ecr/ecr-error.ts';

/** Calls a second of an account in a Region, as AWS publishes them. */
export const ECR_QUOTAS = { PutImage: 10, BatchGetImage: 2_000, GetDownloadUrlForLayer: 3_000 } as const;

export type QuotaName = keyof typeof ECR_QUOTAS;

/** The rates of ECR as buckets that hold what one second allows, and the refusal that the adapter makes of ECR's. */
export class EcrQuotas {
  readonly #now: () => number;
  readonly #buckets = new Map<QuotaName, { left: number; at: number }>();

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** False where the bucket is empty. */
  takes(name: QuotaName, calls = 1): boolean {
    const now = this.#now();
    const rate = ECR_QUOTAS[name];
    const before = this.#buckets.get(name) ?? { left: rate, at: now };
    const left = Math.min(rate, before.left + ((now - before.at) * rate) / 1000);
    const enough = left >= calls;
    this.#buckets.set(name, { left: enough ? left - calls : left, at: now });
    return enough;
  }

  /** Throws `throttled`. */
  take(name: QuotaName, asked: Omit<Asked, 'operation'>, calls = 1): void {
    if (this.takes(name, calls)) return;
    const refusal = new Error('Rate exceeded');
    const facts = { name: 'ThrottlingException', $fault: 'client', $metadata: { httpStatusCode: 400 } };
    throw ecrError(Object.assign(refusal, facts), { ...asked, operation: name });
  }
}
