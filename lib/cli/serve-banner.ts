import { duration } from '../assembly/reasons.ts';
import { formatPlatform } from '../image/platform.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { Serving } from '../server/serve.ts';
import { VERSION } from '../version.ts';

export interface BannerFacts {
  readonly serving: Pick<Serving, 'host' | 'hooks' | 'rules'>;
  readonly embedded: boolean;
  /** As it was given. */
  readonly storage: string;
  readonly configFile: string | undefined;
  readonly imports?: readonly ImportRule[];
}

/** What `serve` says when it answers: where to push, where to send events, which rules hold, where it is kept. */
export function serveBanner({
  serving,
  embedded,
  storage,
  configFile,
  imports = [],
}: BannerFacts): readonly string[] {
  const { host, hooks, rules } = serving;
  const token = `${storage.replace(/\/$/, '')}/hook-token`;
  const lines = [`archweave ${VERSION}  one process, no account needed          Ctrl-C ends it`];
  if (embedded) {
    lines.push(`  registry  ${host}          push HOST/REPO:VERSION-ARCH, e.g. ${host}/app:1.0-amd64`);
  }
  const names = Math.max(0, ...hooks.map(({ name }) => name.length));
  for (const { name, url, every, poll, own } of hooks) {
    const secret = own ? 'its secret is in the environment' : `token in ${token}`;
    lines.push(`  hooks     ${name.padEnd(names)}  ${url}   (${secret})`);
    lines.push(
      poll === undefined
        ? `            no event yet, looking every ${duration(every)}`
        : `            asking for new tags every ${duration(poll)}, looking at all every ${duration(every)}`,
    );
  }
  lines.push(
    ...rules.map((rule, at) => `  ${at === 0 ? 'rules ' : '      '}    ${ruleText(rule, configFile)}`),
  );
  lines.push(
    ...imports.map((one, at) => `  ${at === 0 ? 'imports' : '       '}   ${importText(one, configFile)}`),
  );
  lines.push(`  storage   ${shownPath(storage)}`);
  return lines;
}

function importText({ from, to, when, file, line }: ImportRule, configFile: string | undefined): string {
  const time = when.on === 'schedule' ? `every ${duration(when.every)}` : when.on;
  const way = `${from.registry}/${from.pattern} -> ${to.registry}/${to.repository}`;
  return `${way}, ${time}   (${file ?? configFile}:${line})`;
}

function ruleText(rule: Rule, configFile: string | undefined): string {
  const targets = rule.targets.map(({ text }) => text).join(' ');
  const platforms = rule.platforms.map(formatPlatform).join(' ');
  const optional = rule.optional.length === 0 ? '' : ` (${rule.optional.map(formatPlatform).join(' ')})`;
  const from =
    rule.line === 0
      ? `built in${configFile === undefined ? ', no archweave.yaml' : ''}`
      : `${rule.file ?? configFile}:${rule.line}`;
  return `${rule.members.text} -> ${targets}, ${platforms}${optional}   (${from})`;
}

/** A relative path with `./` before it, so that it reads as one. */
export function shownPath(path: string): string {
  return /^(\.{1,2}\/|\/)/.test(path) ? path : `./${path}`;
}
