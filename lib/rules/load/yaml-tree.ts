import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit as visitNodes,
} from 'yaml';
import { plain } from './finding.ts';

/** Characters of the file, from 0; `to` is one after the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Scalar {
  readonly kind: 'scalar';
  readonly range: Range;
  readonly value: string | number | boolean | null;
  /** As it stands in the file, with its quotes. */
  readonly source: string;
  readonly viaAlias: boolean;
}

export interface List {
  readonly kind: 'list';
  readonly range: Range;
  readonly items: readonly Tree[];
}

export interface Entry {
  readonly key: string;
  readonly keyRange: Range;
  readonly value: Tree;
}

export interface Mapping {
  readonly kind: 'map';
  readonly range: Range;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A YAML document with its aliases and merge keys resolved, each value with its place. */
export type Tree = Scalar | List | Mapping;

/** More than any sane file has, less than what hurts: a file of 1 MB in all aliases of aliases ends here. */
const MOST_NODES = 50_000;
const DEEPEST = 32;

/** Aliases that multiply a file beyond what is read, lead into themselves or nowhere, and nesting without end. */
export class Unreadable extends Error {
  readonly range: Range;

  constructor(message: string, range: Range) {
    super(message);
    this.range = range;
  }
}

/**
 * The document as a tree. A text that an alias stands for has the place of the alias; a list or mapping behind one
 * has its parts where they were written.
 * `onTwice` is told each key that a mapping has before.
 * @throws {Unreadable}
 */
export function toTree(document: Document, text: string, onTwice: (key: string, range: Range) => void): Tree {
  let nodes = 0;
  const meant = aliasesOf(document);
  const empty = { from: 0, to: 0 };

  const visit = (node: Node | Pair | null, depth: number, via?: Range): Tree => {
    const range = via ?? rangeOf(node);
    if (++nodes > MOST_NODES) throw new Unreadable('aliases make this file too large to be read', range);
    if (depth > DEEPEST) throw new Unreadable('this is nested too deep', range);
    if (isAlias(node)) {
      const target = meant.get(node);
      if (!target)
        throw new Unreadable(`*${plain(node.source)} stands for nothing that was written before it`, range);
      return visit(target, depth + 1, range);
    }
    if (isMap(node)) return { kind: 'map', range, entries: entriesOf(node.items, depth) };
    if (isSeq(node))
      return { kind: 'list', range, items: node.items.map(item => visit(item as Node, depth + 1)) };
    const value = isScalar(node) ? scalarValue(node.value) : null;
    const own = rangeOf(node);
    return {
      kind: 'scalar',
      range,
      value,
      source: text.slice(own.from, own.to),
      viaAlias: via !== undefined,
    };
  };

  const entriesOf = (pairs: readonly Pair[], depth: number): Map<string, Entry> => {
    const entries = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const pair of pairs) {
      const keyRange = rangeOf(pair.key as Node | null);
      const key = isScalar(pair.key) ? keyText(pair.key.value, text.slice(keyRange.from, keyRange.to)) : '?';
      const value = visit(pair.value as Node | null, depth + 1);
      const place =
        value.range.to === 0 ? { ...value, range: { from: keyRange.to, to: keyRange.to } } : value;
      if (key === '<<' && place.kind !== 'scalar') merged.push(...mergedEntries(place));
      else if (entries.has(key)) onTwice(key, keyRange);
      else entries.set(key, { key, keyRange, value: place });
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return entries;
  };

  const rangeOf = (node: Node | Pair | null): Range => {
    if (!node || isPair(node) || !node.range) return empty;
    return { from: node.range[0], to: node.range[1] };
  };

  return visit(document.contents as Node | null, 0);
}

// What each alias means. Asking the document for one takes a walk over all of it, so that many take for ever.
function aliasesOf(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const meant = new Map<Alias, Node>();
  visitNodes(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) meant.set(node, target);
      } else if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return meant;
}

function mergedEntries(tree: Mapping | List): readonly Entry[] {
  if (tree.kind === 'map') return [...tree.entries.values()];
  return tree.items.flatMap(item => (item.kind === 'map' ? [...item.entries.values()] : []));
}

function scalarValue(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'number' ? value : String(value);
}

function keyText(value: unknown, source: string): string {
  return typeof value === 'string' ? value : source;
}

/**
 * The tree as plain data. Numbers come out as text, because nothing in the file is a number: `1.10` is the text
 * `1.1`, as every YAML reader would have it, and a warning says so elsewhere.
 */
export function plainValue(tree: Tree): unknown {
  if (tree.kind === 'scalar') return typeof tree.value === 'number' ? String(tree.value) : tree.value;
  if (tree.kind === 'list') return tree.items.map(plainValue);
  return Object.fromEntries([...tree.entries.values()].map(({ key, value }) => [key, plainValue(value)]));
}

/** The part of the tree that a path leads to; the last part that exists where it leads further. */
export function at(tree: Tree, path: readonly PropertyKey[]): Tree {
  let found = tree;
  for (const step of path) {
    const child: Tree | undefined =
      found.kind === 'list'
        ? found.items[Number(step)]
        : found.kind === 'map'
          ? found.entries.get(String(step))?.value
          : undefined;
    if (child === undefined) return found;
    found = child;
  }
  return found;
}

/** Where a mapping begins: its first key, because all of it may go on for pages. */
export function beginning(tree: Mapping): Range {
  return tree.entries.values().next().value?.keyRange ?? tree.range;
}

/** Whether a key has nothing after it. */
export function isEmpty(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}
