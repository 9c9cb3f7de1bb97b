import { MemoryLedger } from '../ledger/memory.ts';
import { ecrHost } from '../registry/ecr/ecr-host.ts';
import type { Invocation } from './command.ts';
import { type FoundLedger, findLedger } from './find-ledger.ts';
import { CALLERS_OWN } from './open-registry.ts';
import { renamed } from './read-rules.ts';
import type { Scope, ScopeRegistry } from './read-scope.ts';

/** A ledger for each registry, looked for when it is first asked for. */
export interface Ledgers {
  of(host: string): Promise<FoundLedger>;
  /** The scope with the host that its ledger knows in the place of `ecr`, where a deployment tells it. */
  settle(scope: Scope): Promise<Scope>;
  /** Says of which registries nobody knows what was published, once. */
  sayMissing(): void;
  close(): void;
}

interface Known {
  readonly ledger: FoundLedger;
  readonly own?: string;
}

/** Where none is found, one in memory stands in: then nobody knows what was published before. */
export function openLedgers(invocation: Invocation): Ledgers {
  const opened = new Map<string, Promise<Known>>();
  const found: FoundLedger[] = [];
  const notes: string[] = [];
  const open = async (host: string): Promise<Known> => {
    const { ledger = forgetful(), missing, own } = await findLedger(invocation, host);
    found.push(ledger);
    const isEcr = host === CALLERS_OWN || ecrHost(host) !== undefined;
    if (missing !== undefined && isEcr)
      notes.push(`note: what a person took away from ${host} is not known here: ${missing}`);
    return { ledger, ...(own !== undefined && { own }) };
  };
  const lookUp = (host: string): Promise<Known> => {
    const known = opened.get(host) ?? open(host);
    opened.set(host, known);
    return known;
  };
  const here = async <T extends ScopeRegistry>(at: T): Promise<T> => {
    if (at.host !== CALLERS_OWN) return at;
    const { own } = await lookUp(CALLERS_OWN);
    if (own === undefined) return at;
    opened.set(own, lookUp(CALLERS_OWN));
    const name = (registry: string) => (registry === CALLERS_OWN ? own : registry);
    return { ...at, host: own, rules: at.rules.map(rule => renamed(rule, name)) };
  };
  return {
    of: async host => (await lookUp(host)).ledger,
    async settle(scope) {
      if (scope.kind === 'registries')
        return { ...scope, registries: await Promise.all(scope.registries.map(here)) };
      const targets = await Promise.all(scope.targets.map(here));
      // The rule of a target is one of its registry's.
      const ruled = targets.map(one => ({
        ...one,
        rule: one.rules.find(({ name }) => name === one.rule.name) ?? one.rule,
      }));
      return { ...scope, targets: ruled };
    },
    sayMissing() {
      for (const note of notes.splice(0)) invocation.terminal.note(note);
    },
    close() {
      for (const ledger of found) ledger.close();
    },
  };
}

function forgetful(): FoundLedger {
  return Object.assign(new MemoryLedger(), { close: () => {} });
}
