import { createHash, timingSafeEqual } from 'node:crypto';

export interface HookAuthorizerOptions {
  /** The hooks that a secret opens, and where each secret is. */
  readonly hooks: readonly { readonly name: string; readonly secret: string }[];
  /**
   * What is stored there: the current value and, where there is one, the value before it, since senders learn of a
   * new one later. A failure is an exception: what is there opens nothing, and it is asked for again.
   */
  readonly stored: (secret: string) => Promise<readonly string[]>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long values are kept, and how long no new ones are asked for because somebody was wrong; milliseconds. */
const KEPT = 5 * 60_000;
const PATIENCE = 10_000;
/** The shortest secret that opens a hook: an empty one would let everybody in. */
const SHORTEST = 20;

/**
 * Says which hooks the header `Authorization: Bearer SECRET` opens; none for a wrong one, after the same time whatever
 * is wrong with it. Values are asked for again after five minutes, and where a header opens nothing: whoever learnt of
 * a new value first must not be turned away. Rejects for a header that may open what could not be read, since API
 * Gateway would keep a "no"; the other hooks do not wait for that one.
 */
export function createHookAuthorizer({ hooks, stored, now }: HookAuthorizerOptions) {
  let known: readonly { readonly name: string; readonly digests: readonly Buffer[] }[] = [];
  let asked = Number.NEGATIVE_INFINITY;
  let unread: PromiseRejectedResult | undefined;

  return async (header: string | undefined): Promise<readonly string[]> => {
    const sent = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
    if (sent.length < SHORTEST) return [];
    if (now() - asked >= KEPT) await ask();
    let opened = openedBy(sent);
    if (opened.length === 0 && unread === undefined && now() - asked >= PATIENCE) {
      await ask();
      opened = openedBy(sent);
    }
    if (opened.length === 0 && unread !== undefined) throw unread.reason;
    return opened;
  };

  async function ask(): Promise<void> {
    const places = [...new Set(hooks.map(({ secret }) => secret))];
    const answers = await Promise.allSettled(places.map(stored));
    const read = new Map(
      answers.flatMap((answer, at) =>
        answer.status === 'fulfilled' ? [[places[at]!, answer.value] as const] : [],
      ),
    );
    known = hooks.map(({ name, secret }) => {
      const values = (read.get(secret) ?? []).map(text => valueFor(name, text));
      return { name, digests: values.filter(value => value.length >= SHORTEST).map(sha256) };
    });
    unread = answers.find(answer => answer.status === 'rejected');
    asked = unread === undefined ? now() : Number.NEGATIVE_INFINITY;
  }

  function openedBy(sent: string): readonly string[] {
    const digest = sha256(sent);
    const opens = (value: Buffer) => timingSafeEqual(value, digest);
    return known.filter(({ digests }) => digests.map(opens).includes(true)).map(({ name }) => name);
  }
}

/** The text itself, or what a JSON object has under the hook's name, so that one stored secret can serve many hooks. */
function valueFor(name: string, stored: string): string {
  const text = stored.trim();
  if (!text.startsWith('{')) return text;
  try {
    const values = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
