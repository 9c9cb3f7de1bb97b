/** What a token allows: `repository:NAME` or `registry:catalog` to its actions (`pull`, `push`, `delete`, `*`). */
export type Scope = ReadonlyMap<string, ReadonlySet<string>>;

/** `repository:app:pull,push`, several parted by spaces. What is no scope is left out. */
export function parseScope(text: string): Scope {
  const scope = new Map<string, Set<string>>();
  for (const part of text.split(' ')) {
    const colon = part.lastIndexOf(':');
    if (colon < 1) continue;
    const resource = part.slice(0, colon);
    const actions = scope.get(resource) ?? new Set();
    for (const action of part.slice(colon + 1).split(',')) if (action) actions.add(action);
    scope.set(resource, actions);
  }
  return scope;
}

/** Everything that either allows. */
export function mergeScopes(one: Scope, other: Scope): Scope {
  const merged = new Map<string, ReadonlySet<string>>(one);
  for (const [resource, actions] of other)
    merged.set(resource, new Set([...(merged.get(resource) ?? []), ...actions]));
  return merged;
}

/** Whether `have` allows all that `want` does. */
export function coversScope(have: Scope, want: Scope): boolean {
  for (const [resource, actions] of want) {
    const had = have.get(resource);
    for (const action of actions) if (!had?.has(action) && !had?.has('*')) return false;
  }
  return true;
}

/** One entry a resource, in one order whatever the order it came in, so that it can be a key. */
export function formatScope(scope: Scope): readonly string[] {
  return [...scope].map(([resource, actions]) => `${resource}:${[...actions].sort().join(',')}`).sort();
}
