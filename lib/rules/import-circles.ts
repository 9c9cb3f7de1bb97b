import { flowOfImport, flowOfRule, tagsMeet } from './import-graph.ts';
import type { ImportRule } from './import-rule.ts';
import type { Rule } from './rule.ts';

/** One step on the way around: an import, or an index rule between two of them. */
export type CircleStep =
  | { readonly kind: 'import'; readonly rule: ImportRule }
  | { readonly kind: 'index'; readonly rule: Rule };

/**
 * The circles in which images could run for ever: what one import writes is what another one takes, perhaps over
 * an index rule, until the first one takes it again. An import that takes what it writes itself is a circle alone.
 *
 * Decided by patterns, since names grow: `*` copied to `mirror/{repository}` makes `mirror/mirror/…` without end.
 * Each circle ends in the import that comes last in the file; a knot of several is told as one, the shortest.
 */
export function importCircles(
  imports: readonly ImportRule[],
  rules: readonly Rule[],
): readonly (readonly CircleStep[])[] {
  const nodes = [
    ...imports.map(rule => ({ step: { kind: 'import', rule } as const, flow: flowOfImport(rule) })),
    ...rules.map(rule => ({ step: { kind: 'index', rule } as const, flow: flowOfRule(rule) })),
  ];
  // Only from what an import leads to: comparing all rules with each other takes seconds for some hundreds of them.
  const next: (readonly number[])[] = nodes.map(() => []);
  const reached = new Set(imports.keys());
  for (const at of reached) {
    const { to } = nodes[at]!.flow;
    next[at] = nodes.flatMap(({ flow: { from } }, index) => (tagsMeet(to, from) ? [index] : []));
    for (const index of next[at]) reached.add(index);
  }
  const circles: number[][] = [];
  const told = new Set<number>();
  imports.forEach((_, last) => {
    if (next[last]!.includes(last)) {
      circles.push([last]);
      told.add(last);
    }
  });
  for (const knot of knots(next)) {
    const last = Math.max(...knot.filter(index => index < imports.length), -1);
    if (last >= 0 && !knot.some(index => told.has(index))) circles.push(shortestBack(next, last));
  }
  return circles.map(circle => circle.map(index => nodes[index]!.step));
}

/** The sets of more than one node in which each can be reached from each (Tarjan's algorithm). */
function knots(next: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const found: number[][] = [];
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  for (const root of next.keys()) {
    if (order.has(root)) continue;
    // Explicit, because a chain of imports may be longer than the stack.
    const walk: { readonly node: number; at: number }[] = [{ node: root, at: 0 }];
    while (walk.length > 0) {
      const frame = walk.at(-1)!;
      const { node } = frame;
      if (frame.at === 0) {
        order.set(node, order.size);
        low.set(node, order.get(node)!);
        open.push(node);
        isOpen.add(node);
      }
      const to = next[node]![frame.at++];
      if (to !== undefined) {
        if (!order.has(to)) walk.push({ node: to, at: 0 });
        else if (isOpen.has(to)) low.set(node, Math.min(low.get(node)!, order.get(to)!));
        continue;
      }
      walk.pop();
      const parent = walk.at(-1);
      if (parent) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(node)!));
      if (low.get(node) !== order.get(node)) continue;
      const knot = open.splice(open.lastIndexOf(node));
      for (const index of knot) isOpen.delete(index);
      if (knot.length > 1) found.push(knot);
    }
  }
  return found;
}

/** The shortest way from a node back to itself, without the second time. It begins after the node and ends in it. */
function shortestBack(next: readonly (readonly number[])[], node: number): number[] {
  const before = new Map<number, number>();
  const queue = [node];
  for (const from of queue) {
    for (const to of next[from]!) {
      if (to === node) {
        const way = [node];
        for (let at = from; at !== node; at = before.get(at)!) way.unshift(at);
        return way;
      }
      if (before.has(to)) continue;
      before.set(to, from);
      queue.push(to);
    }
  }
  return [node];
}
