import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { ConfigCache } from '../../../lib/assembly/config-cache.ts';
import type { World } from '../../../lib/assembly/world.ts';
import { type ArchweaveError, isArchweaveError } from '../../../lib/errors.ts';
import { MemoryLedger } from '../../../lib/ledger/memory.ts';
import type { RequestLine } from '../../../lib/registry/oci/exchange.ts';
import { type OciOptions, openOciRegistry } from '../../../lib/registry/oci/open.ts';
import { parseTemplate, withTypes } from '../../../lib/rules/parse-template.ts';
import { type Content, pushContent, sampleImage } from '../../support/e2e-images.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../../support/fault-proxy.ts';
import { ruleOf } from '../../support/rule.ts';

export const LOGIN = { username: 'robot', password: 'pa55word-of-the-tests' } as const;
export const BASIC = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64');
/** All that may stand nowhere but in a request to who asked for it. */
export const SECRETS: readonly string[] = [LOGIN.password, BASIC, 'token-of-the-tests'];

/** Milliseconds for one request. */
export const DEADLINE = 1_200;

export interface Pass {
  /** `1 published`, `1 held unreadable`: target, state, codes. */
  readonly states: readonly string[];
  readonly error?: ArchweaveError;
  readonly ms: number;
}

export interface FaultyWorld {
  readonly proxy: FaultProxy;
  readonly repository: string;
  readonly images: readonly Content[];
  readonly lines: readonly RequestLine[];
  /** One pass over the group, or over its target, as `serve` runs it. */
  pass(kind?: 'group' | 'verify'): Promise<Pass>;
  /** What the registry itself holds at the target: undefined where there is nothing. */
  target(): Promise<IndexThere | undefined>;
  /** Every tag there is, and nothing was written that is not the index. */
  expectNothingElse(): Promise<void>;
  expectNoSecrets(...things: readonly unknown[]): void;
  stop(): Promise<void>;
}

interface IndexThere {
  readonly text: string;
  readonly children: readonly string[];
}

const MEMBERS = parseTemplate('{version}-{run:int}-{arch}');
let repositories = 0;

/**
 * Two images of one build in a real registry, and between the registry and archweave a proxy that can be told to
 * spoil answers. The target is shared by builds, so that a pass lists tags too.
 */
export async function faultyWorld(
  registry: string,
  options: FaultProxyOptions & { readonly client?: Partial<OciOptions> } = {},
): Promise<FaultyWorld> {
  repositories += 1;
  const repository = `faults/r${repositories}`;
  const images = ['amd64', 'arm64'].map(architecture =>
    sampleImage({ os: 'linux', architecture }, { build: 'c0ffee', text: repository }),
  );
  await pushContent(registry, repository, '1-7-amd64', images[0]!);
  await pushContent(registry, repository, '1-7-arm64', images[1]!);
  const proxy = await startFaultProxy(registry, options);
  const lines: RequestLine[] = [];
  const rule = ruleOf(proxy.host, { newest: { by: 'captures', captures: ['run'] } });
  const targets = [withTypes(parseTemplate('{version}', { target: true }), MEMBERS)];
  const world: World = {
    registry: openOciRegistry({
      host: proxy.host,
      credentials: async () => ({ login: LOGIN, tried: ['the tests'] }),
      timeout: DEADLINE,
      retry: { base: 5 },
      onRequest: line => lines.push(line),
      ...options.client,
    }),
    ledger: new MemoryLedger(),
    rules: [{ ...rule, members: MEMBERS, targets }],
    configs: new ConfigCache(),
    clock: { now: Date.now },
    announce: async () => {},
  };
  const cause = { source: 'event', id: 'a', time: '2026-11-22T10:00:00Z' } as const;
  const place = { registry: proxy.host, repository, rule: rule.name, cause };
  const faulty: FaultyWorld = {
    proxy,
    repository,
    images,
    lines,
    async pass(kind = 'group') {
      const began = performance.now();
      const group = { ...place, kind: 'group', captures: { version: '1', run: '7' } } as const;
      const verify = { ...place, kind: 'verify', target: '1', captures: { version: '1' } } as const;
      try {
        const outcomes = await assemble(world, [kind === 'group' ? group : verify]);
        const states = outcomes.map(({ target, state, reasons }) =>
          [target.tag, state, ...reasons.map(({ code }) => code)].join(' '),
        );
        return { states, ms: performance.now() - began };
      } catch (error) {
        if (!isArchweaveError(error)) throw error;
        return { states: [], error, ms: performance.now() - began };
      }
    },
    async target() {
      const answer = await fetch(`http://${registry}/v2/${repository}/manifests/1`, {
        headers: { accept: 'application/vnd.oci.image.index.v1+json' },
      });
      if (answer.status === 404) return undefined;
      const text = await answer.text();
      const { manifests } = JSON.parse(text) as { manifests: readonly { digest: string }[] };
      return { text, children: manifests.map(({ digest }) => digest) };
    },
    async expectNothingElse() {
      const answer = await fetch(`http://${registry}/v2/${repository}/tags/list`);
      const { tags } = (await answer.json()) as { tags: string[] };
      const there = (await faulty.target()) === undefined ? [] : ['1'];
      expect(tags.toSorted()).toEqual([...there, '1-7-amd64', '1-7-arm64']);
      const writes = proxy.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
      for (const { method, path, body } of writes) {
        expect(`${method} ${path}`).toBe(`PUT /v2/${repository}/manifests/1`);
        const { manifests } = JSON.parse(body.toString()) as { manifests: readonly { digest: string }[] };
        expect(manifests.map(({ digest }) => digest)).toEqual(images.map(({ digest }) => digest));
      }
    },
    expectNoSecrets(...things) {
      const text = inspect([lines, ...things], { depth: 20, maxStringLength: null, showHidden: true });
      for (const secret of SECRETS) expect(text).not.toContain(secret);
    },
    stop: () => proxy.stop(),
  };
  return faulty;
}

/** Somebody else's server: it keeps what it is told, and asks for a login unless it has something to say. */
export async function startStranger(body?: string) {
  const heard: { readonly url: string; readonly headers: IncomingHttpHeaders; text: string }[] = [];
  const server = createServer(async (request, response) => {
    const entry = { url: `${request.method} ${request.url}`, headers: request.headers, text: '' };
    heard.push(entry);
    for await (const part of request) entry.text += part;
    const status = body === undefined && request.headers.authorization === undefined ? 401 : 200;
    response.writeHead(status, { 'www-authenticate': 'Basic realm="stranger"' }).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    expectToldNothing() {
      for (const { headers } of heard) expect(headers).not.toHaveProperty('authorization');
      for (const secret of SECRETS) expect(JSON.stringify(heard)).not.toContain(secret);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
