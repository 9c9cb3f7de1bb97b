import { describe, expect, it } from '@jest/globals';
import { check, found, PLATFORMS, REGISTRIES, rule } from './found-mistakes.ts';

describe('the mistakes people make, literally', () => {
  it('names a key that is none, and the one that was meant', () => {
    expect(found(rule('plattforms: [linux/amd64, linux/arm64]'))).toBe(
      `archweave.yaml:7:5: error: "plattforms" is not a key of an index rule; did you mean "platforms"?  [unknown-key]
   7 |     plattforms: [linux/amd64, linux/arm64]
     |     ^^^^^^^^^^
`,
    );
  });

  it('refuses members without an architecture', () => {
    expect(found(rule('members: "{version}"'))).toBe(
      `archweave.yaml:7:14: error: "{version}" has no {arch}, so nothing tells the members apart  [no-arch]
   7 |     members: "{version}"
     |              ^^^^^^^^^^^
     next: "{version}-{arch}"
`,
    );
  });

  it('refuses a target that is a member of its own rule', () => {
    expect(found(rule('target: "{version}-{arch}"'))).toBe(
      `archweave.yaml:7:13: error: the target "{version}-{arch}" would be read as a member of its own rule: a loop  [loop]
   7 |     target: "{version}-{arch}"
     |             ^^^^^^^^^^^^^^^^^^
     next: leave {arch} out of target
`,
    );
  });

  it('finds two rules that write to one tag', () => {
    const text = `${REGISTRIES}indexes:
  - name: team apps
    repositories: [prod/team/*]
    members: "{arch}"
    target: latest
${PLATFORMS}  - repositories: [prod/team/*]
    members: "x-{arch}"
    target: latest
${PLATFORMS}`;
    expect(found(text)).toBe(
      `archweave.yaml:12:13: error: "latest" of prod/team/* is a target of two rules, "team apps" (line 5) and this one  [two-writers]
  12 |     target: latest
     |             ^^^^^^
     next: narrow one of the repositories, or join the rules
`,
    );
  });

  it('names a capture that the members have not, at its place in the text', () => {
    expect(found(rule('target: "{tag}"'))).toBe(
      `archweave.yaml:7:14: error: target uses {tag}, but members has {version} and {arch}  [unknown-capture]
   7 |     target: "{tag}"
     |              ^^^^^
     next: "{version}"
`,
    );
  });

  it('tells what images call a platform', () => {
    const text = rule().replace('linux/arm64]', 'linux/x86_64]');
    expect(found(text)).toBe(
      `archweave.yaml:6:30: error: "linux/x86_64" is not a platform; images call it linux/amd64  [bad-platform]
   6 |     platforms: [linux/amd64, linux/x86_64]
     |                              ^^^^^^^^^^^^
     next: linux/amd64   (tags may say x86_64, {arch} knows it)
`,
    );
  });

  it('finds a platform in two spellings', () => {
    expect(found(rule('optional: [linux/arm64/v8]'))).toBe(
      `archweave.yaml:7:16: error: linux/arm64/v8 is required and optional; linux/arm64 means the same platform  [platform-twice]
   7 |     optional: [linux/arm64/v8]
     |                ^^^^^^^^^^^^^^
`,
    );
  });

  it('names the registries that there are', () => {
    expect(found(rule().replace('[prod/', '[prd/'))).toBe(
      `archweave.yaml:5:20: error: there is no registry "prd"; archweave.yaml has prod, contoso  [unknown-registry]
   5 |   - repositories: [prd/team/*]
     |                    ^^^^^^^^^^
     next: prod, or a host such as prd.example.com
`,
    );
  });

  it('explains where the zero of an account has gone', () => {
    const text = `# one
registries:
  prod: { kind: ecr, account: 012345678901, region: eu-west-1 }
indexes:
  - repositories: [prod/*]
${PLATFORMS}`;
    expect(found(text)).toBe(
      `archweave.yaml:3:31: error: account is the number 12345678901; an account has 12 digits, and YAML drops leading zeros  [account]
   3 |   prod: { kind: ecr, account: 012345678901, region: eu-west-1 }
     |                               ^^^^^^^^^^^^
     next: put it in quotes: "012345678901"
`,
    );
  });

  it('wants a unit after a duration', () => {
    expect(found(rule('overdue: 30'))).toBe(
      `archweave.yaml:7:14: error: "30" is no duration  [duration]
   7 |     overdue: 30
     |              ^^
     next: 30m   (s, m, h or d)
`,
    );
  });

  it('finds imports that run in a circle', () => {
    const text = `${REGISTRIES}imports:
  - name: mirror
    from: prod/team/*
    to: contoso/mirror/{repository}
    when: pushed

  - name: elsewhere
    from: prod/other
    to: contoso/other
    when: pushed
  - name: back
    from: contoso/mirror/*
    to: prod/team/{repository}
    when: manual
`;
    expect(found(text)).toBe(
      `archweave.yaml:14:5: error: imports run in a circle: prod/team/* -> contoso/mirror/* -> prod/team/*  [import-cycle]
  14 |   - name: back
     |     ^^^^
     next: take one away, or narrow one with tags
`,
    );
  });

  it('shows no password, only where it is', () => {
    const text = `registries:
  prod: prod.example.com

  lan: { host: registry.lan:5000, password: hunter2 }
indexes:
  - repositories: [lan/*]
${PLATFORMS}`;
    expect(found(text)).toBe(
      `archweave.yaml:4:35: error: a password does not belong into this file  [secret]
   4 |   lan: { host: registry.lan:5000, password: ******** }
     |                                   ^^^^^^^^
     next: credentials: env:LAN_LOGIN   (the value is not shown, and should be changed if it was committed)
`,
    );
  });

  it('finds the tab that indents a line', () => {
    const text =
      'registries:\n  lan: registry.lan:5000\nindexes:\n  - repositories: [lan/*]\n\n\tplatforms: [linux/amd64]\n';
    expect(found(text)).toBe(
      `archweave.yaml:6:1: error: a tab indents this line; YAML wants spaces  [yaml]
   6 |  platforms: [linux/amd64]
     | ^
`,
    );
  });

  it('warns of a number that has lost a digit', () => {
    expect(check(rule('exclude: [1.10]'))).toBe(
      `archweave.yaml:7:15: warning: 1.10 is read as the number 1.1; put it in quotes  [yaml-number]
   7 |     exclude: [1.10]
     |               ^^^^
     next: "1.10"

1 warning in archweave.yaml. Nothing was contacted.
`,
    );
  });

  it('refuses "on", which half of the YAML readers take for true', () => {
    const text = `${rule()}imports:\n  - from: prod/team/*\n    to: contoso/mirror\n    on: published\n`;
    expect(found(text)).toContain(
      `archweave.yaml:10:5: error: on: is true in many YAML readers; it is called when: here  [yaml-on]
  10 |     on: published
     |     ^^
`,
    );
  });

  it('says which choices there are where nothing tells the newest build', () => {
    expect(found(rule('members: "{run}-{arch}"', 'target: latest'))).toBe(
      `archweave.yaml:8:13: error: "latest" has no {run}, so which build is the newest cannot be told  [no-order]
   8 |     target: latest
     |             ^^^^^^
     next: {run:int} or {run:semver} in members, or newest: label:NAME, or newest: created
`,
    );
  });

  it('counts mistakes and warnings in the last line', () => {
    expect(
      check(rule('exclude: [1.10]', 'overdue: 30', 'grace: x'))
        .split('\n')
        .at(-2),
    ).toBe('2 mistakes, 1 warning in archweave.yaml. Nothing was contacted.');
  });
});
