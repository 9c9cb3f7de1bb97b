import { describe, expect, it } from '@jest/globals';
import { check, PLATFORMS, REGISTRIES, rule } from './found-mistakes.ts';

describe('other mistakes', () => {
  it.each<[string, string, string]>([
    [
      'a type that is none',
      rule('members: "{run:number}-{arch}"'),
      '7:15: error: "number" is no type of a capture; there are int and semver  [template]',
    ],
    [
      'a template with a slash',
      rule('members: "{v}/{arch}"'),
      '7:18: error: "{v}/{arch}" has a "/", which no tag can have  [template]',
    ],
    [
      'a floating target of a text',
      rule('newest: created', 'target: ["{version}", "{version.major}"]'),
      '8:28: error: target uses {version.major}, but members does not say that {version} is a version  [not-semver]',
    ],
    [
      'a platform in the target',
      rule('target: "{version}.{arch}"'),
      '7:24: error: target uses {arch}, but an index has every platform  [platform-in-target]',
    ],
    [
      'a literal target that is a member',
      rule('members: "{arch}"', 'target: amd64'),
      '8:13: error: the target "amd64" would be read as a member of its own rule: a loop  [loop]',
    ],
    [
      'two targets that can be one tag',
      rule('members: "{a}_{b:int}-{arch}"', 'target: ["{b}", "{a}"]', 'newest: created'),
      '8:21: error: the targets "{b}" and "{a}" can be the same tag  [target-twice]',
    ],
    [
      'a docker list for a shared target',
      rule('members: "{run:int}-{arch}"', 'target: latest', 'format: docker'),
      '9:13: error: "latest" is shared by several builds, and only an OCI index can say which one it holds  [format]',
    ],
    [
      'a value that is none',
      rule('format: ocii'),
      '7:13: error: "ocii" is no value of "format"; it is auto, oci or docker  [bad-value]',
    ],
    [
      'a list that is a text',
      rule('optional: linux/arm/v7'),
      '7:15: error: "optional" is a list  [wrong-type]',
    ],
    ['a key without a value', rule('optional:'), '7:14: error: "optional" has no value  [wrong-type]'],
    ['a flag that is a text', rule('adopt: "yes"'), '7:12: error: "adopt" is true or false  [wrong-type]'],
    [
      'a key inside a value',
      rule('sameBuild: { label: x, requird: true }'),
      '7:28: error: "requird" is not a key of "sameBuild"  [unknown-key]',
    ],
    [
      'a pin of no target',
      rule('members: "{run:int}-{arch}"', 'target: latest', 'pin: { lates: "41" }'),
      '9:12: error: "lates" is no target of this rule  [bad-pin]',
    ],
    [
      'two rules of one name',
      `${rule('name: a')}  - name: a\n    repositories: [contoso/x]\n${PLATFORMS}`,
      '8:11: error: "a" is the name of another rule too (line 5)  [name-twice]',
    ],
    [
      'platforms that are the same',
      rule('optional: [linux/arm64, linux/arm64]').replace(', linux/arm64]\n', ']\n'),
      '7:29: error: linux/arm64 is there twice  [platform-twice]',
    ],
    [
      'a Windows that is inside another',
      rule(
        'optional: [windows/amd64, "windows/amd64:10.0.17763"]',
        'members: "{version}-{os}{osversion?}-{arch}"',
      ),
      '7:31: error: windows/amd64:10.0.17763 and windows/amd64 can be the same image  [platform-twice]',
    ],
    [
      'a platform without its system',
      rule().replace('linux/arm64', 'arm64v8'),
      '6:30: error: "arm64v8" is not a platform; images call it linux/arm64  [bad-platform]',
    ],
    [
      'a platform that is none at all',
      rule().replace('linux/arm64', 'toaster'),
      '6:30: error: "toaster" is not a platform  [bad-platform]',
    ],
    [
      'no platform',
      rule().replace('[linux/amd64, linux/arm64]', '[]'),
      '6:16: error: "platforms" is empty  [bad-value]',
    ],
    [
      'no platforms',
      rule().replace(PLATFORMS, ''),
      '5:5: error: an index rule needs "platforms"  [missing-key]',
    ],
    [
      'a registry alone',
      rule().replace('prod/team/*', 'prod'),
      '5:20: error: "prod" names no repository  [bad-repository]',
    ],
    [
      'a repository in capitals',
      rule().replace('prod/team/*', 'prod/Team/*'),
      '5:20: error: "prod/Team/*" is no repository; names are lower case  [bad-repository]',
    ],
    [
      'a repository with a tag',
      rule().replace('prod/team/*', 'prod/app:1.0'),
      '5:20: error: "prod/app:1.0" is no repository; leave the tag out  [bad-repository]',
    ],
    [
      'patterns that only take away',
      rule().replace('prod/team/*', '"!prod/team/base"'),
      '5:19: error: these patterns only take away  [bad-repository]',
    ],
    [
      'an unknown registry that is taken away',
      rule().replace('prod/team/*', 'prod/*, "!prd/x"'),
      '5:30: error: there is no registry "prd"; archweave.yaml has prod, contoso  [unknown-registry]',
    ],
    [
      'a host with a scheme',
      rule().replace('contoso.azurecr.io', 'http://registry.lan'),
      '3:12: error: "http://registry.lan" is no host  [bad-host]',
    ],
    [
      'a host with a login',
      rule().replace('contoso.azurecr.io', 'me:hunter2@registry.lan'),
      '3:3: error: a password does not belong into this file  [secret]',
    ],
    [
      'a registry without a host',
      rule().replace('contoso.azurecr.io', '{ plainHttp: true }'),
      '3:14: error: registry "contoso" has no host  [missing-key]',
    ],
    [
      'a name that looks like a host',
      rule().replace('contoso:', 'a.b:'),
      '3:3: error: "a.b" is no name for a registry; it has letters, digits, - and _  [bad-name]',
    ],
    [
      'one registry twice',
      rule().replace('contoso.azurecr.io', '123456789012.dkr.ecr.eu-west-1.amazonaws.com'),
      '3:3: error: prod and contoso are both 123456789012.dkr.ecr.eu-west-1.amazonaws.com  [registry-twice]',
    ],
    [
      'a short account',
      rule().replace('contoso.azurecr.io', '{ kind: ecr, account: "1234", region: x }'),
      '3:34: error: "1234" is no account; an account has 12 digits  [account]',
    ],
    [
      'events of a registry that has its own',
      rule().replace('contoso.azurecr.io', '{ host: registry.lan, events: poll }'),
      '3:34: error: "events" is for ACR; registry.lan announces its pushes by itself  [bad-value]',
    ],
    [
      'an address in notify',
      `${rule()}notify: https://hooks.example.com/T000/B000\n`,
      '7:1: error: an address for notifications does not belong into this file  [secret]',
    ],
    [
      'an order that is none',
      rule('newest: pushed'),
      '7:13: error: "pushed" does not say which build is the newest  [bad-value]',
    ],
    ['a key twice', rule('grace: 1m', 'grace: 2m'), '8:5: error: "grace" is there twice  [yaml]'],
    ['a file that is a list', '- a\n', '1:1: error: this file is a mapping  [wrong-type]'],
    ['an empty file', '', '1:1: error: there is no index rule here  [missing-key]'],
    ['a file without rules', REGISTRIES, '1:1: error: there is no index rule here  [missing-key]'],
    ['rules that are no list', 'indexes: {}\n', '1:10: error: "indexes" is a list  [wrong-type]'],
    [
      'a rule that is a text',
      'indexes: [x]\n',
      '1:11: error: an index rule is a mapping with keys  [wrong-type]',
    ],
    [
      'a file that nobody reads',
      `${rule()}include: teams/*.yaml\n`,
      '7:10: error: no file is called teams/*.yaml  [no-file]',
    ],
    ['a bracket that stays open', 'indexes: [a\nb: 1\n', '2:1: error: this is no YAML'],
    [
      'an alias of nothing',
      'indexes: *x\n',
      '1:10: error: *x stands for nothing that was written before it  [yaml]',
    ],
  ])('%s is found at its place', (_, text, expected) => {
    expect(check(text)).toContain(`archweave.yaml:${expected}`);
    expect(check(text).indexOf('archweave.yaml:')).toBe(check(text).indexOf(`archweave.yaml:${expected}`));
  });
});
