import { describe, expect, it } from '@jest/globals';
import { parseListen } from '../../../lib/cli/serve.ts';
import { serveBanner, shownPath } from '../../../lib/cli/serve-banner.ts';
import { builtInRule } from '../../../lib/rules/built-in.ts';

describe('--listen', () => {
  it.each([
    ['127.0.0.1:5100', { host: '127.0.0.1', port: 5100 }],
    ['[::1]:0', { host: '[::1]', port: 0 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ])('reads %s', (text, address) => expect(parseListen(text)).toEqual(address));

  it.each(['5100', ':5100', '127.0.0.1', '127.0.0.1:65536', 'http://a:1', '::1:5100'])('refuses %s', text => {
    expect(() => parseListen(text)).toThrow(`--listen "${text}" is not HOST:PORT.`);
  });
});

describe('the banner', () => {
  const host = '127.0.0.1:5100';

  it('says where to push and which rules hold', () => {
    const serving = { host, hooks: [], rules: [builtInRule(host)] };
    const facts = { serving, embedded: true, storage: '.archweave', configFile: undefined };
    expect(serveBanner(facts).slice(1)).toEqual([
      '  registry  127.0.0.1:5100          push HOST/REPO:VERSION-ARCH, e.g. 127.0.0.1:5100/app:1.0-amd64',
      '  rules     {version}-{arch} -> {version}, linux/amd64 linux/arm64   (built in, no archweave.yaml)',
      '  storage   ./.archweave',
    ]);
  });

  it('says where events are to be sent, and how often it looks without them', () => {
    const hooks = [{ name: 'local', url: `http://${host}/hooks/local`, every: 10_000, own: false }];
    const rule = { ...builtInRule('127.0.0.1:5001'), name: 'apps', line: 4, file: 'archweave.yaml' };
    const facts = { serving: { host, hooks, rules: [rule] }, embedded: false, configFile: 'archweave.yaml' };
    expect(serveBanner({ ...facts, storage: '/var/lib/archweave/' }).slice(1)).toEqual([
      '  hooks     local  http://127.0.0.1:5100/hooks/local   (token in /var/lib/archweave/hook-token)',
      '            no event yet, looking every 10 s',
      '  rules     {version}-{arch} -> {version}, linux/amd64 linux/arm64   (archweave.yaml:4)',
      '  storage   /var/lib/archweave/',
    ]);
    const acr = { name: 'acr', url: 'http://h/hooks/acr', every: 900_000, poll: 60_000, own: true };
    const asked = serveBanner({ ...facts, serving: { ...facts.serving, hooks: [acr] }, storage: 's' });
    expect(asked.slice(1, 3)).toEqual([
      '  hooks     acr  http://h/hooks/acr   (its secret is in the environment)',
      '            asking for new tags every 1 min, looking at all every 15 min',
    ]);
    expect([shownPath('../a'), shownPath('a'), shownPath('.a')]).toEqual(['../a', './a', './.a']);
  });
});
