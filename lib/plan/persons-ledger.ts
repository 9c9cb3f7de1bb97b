import type { Ledger, Published, TargetRef } from '../ledger/interface.ts';

/**
 * The ledger as it is for somebody who asks for a write: what was complete before archweave came is nothing that was
 * published, so it may be written now. With `forget` nothing is remembered of what was published either: that is how
 * a target that a person took away comes back.
 */
export function personsLedger<T extends Pick<Ledger, 'published' | 'standing' | 'history'>>(
  ledger: T,
  { forget = false }: { readonly forget?: boolean } = {},
): T {
  const published = async (target: TargetRef): Promise<Published | undefined> => {
    if (forget) return undefined;
    const record = await ledger.published(target);
    return record?.digest === undefined ? undefined : record;
  };
  return new Proxy(ledger, {
    get(of, name) {
      if (name === 'published') return published;
      const value = Reflect.get(of, name) as unknown;
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
}
