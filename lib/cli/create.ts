import type { Reference } from '../image/reference.ts';
import type { AssemblyRegistry, Registry } from '../registry/interfaces.ts';
import type { Answer, Invocation } from './command.ts';
import { type JoinRequest, readJoinRequest } from './join-request.ts';
import { openRegistry } from './open-registry.ts';
import { durationFlag } from './parse-arguments.ts';

/** `create`: joins the named images into one index. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { flags, terminal, now, signal } = invocation;
  const request = await readJoinRequest(invocation);
  const wait = durationFlag(flags, 'wait');
  if (flags.has('amend')) terminal.note('note: --amend does nothing here; joining twice is the same as once');
  const cost = { since: now(), requests: 0 };
  const registry = await openMembers(request, invocation, () => {
    cost.requests += 1;
  });
  const { repository, members, tags } = request.join;
  const asked = registry.readManifests(repository, [...new Set([...members, ...tags])], { signal });
  asked.catch(() => {});
  // While that travels, the code that understands it is loaded; one turn of the event loop sends it on its way.
  await new Promise(resolve => setImmediate(resolve));
  const { joinMembers } = await import('./join-members.ts');
  return joinMembers(invocation, { request, registry, asked, cost, ...(wait === undefined ? {} : { wait }) });
}

async function openMembers(
  { target, members, settings }: JoinRequest,
  invocation: Invocation,
  onRequest: () => void,
): Promise<AssemblyRegistry> {
  const opened = new Map<string, Registry>();
  const open = (reference: Reference): Registry => {
    const known = opened.get(reference.host);
    if (known !== undefined) return known;
    const registry = openRegistry(reference, invocation, settings, onRequest);
    opened.set(reference.host, registry);
    return registry;
  };
  const registry = open(target);
  const elsewhere = members.filter(member => member.elsewhere);
  if (elsewhere.length === 0) return registry;
  const { BorrowingRegistry } = await import('./borrowing-registry.ts');
  const loans = elsewhere.map(({ alias, reference }) => {
    const { host, repository, tag, digest } = reference;
    return { alias, from: { registry: open(reference), host, repository }, reference: digest ?? tag! };
  });
  const { host, repository } = target;
  return new BorrowingRegistry({ registry, host, repository }, loans, line => invocation.terminal.note(line));
}
