import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../../lib/rules/load.ts';
import { check } from './found-mistakes.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = 'AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const RESOURCE = `/subscriptions/${TENANT}/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries`;
const RULE = 'indexes: [{ repositories: [c/*], platforms: [linux/amd64, linux/arm64] }]\n';
const file = (...keys: string[]) =>
  `registries:\n  c:\n    host: contoso.azurecr.io\n${keys.map(key => `    ${key}\n`).join('')}${RULE}`;
const registryOf = (text: string) => loadConfig(text, { file: 'a.yaml' }).config?.registries[0];
const found = (text: string) => check(text).split('\n')[0];

describe('the keys of an ACR registry', () => {
  it('are kept as they are, ids in lower case and times in milliseconds', () => {
    expect(registryOf(file(`tenant: ${TENANT}`, `clientId: ${CLIENT}`, 'poll: 5m'))).toEqual({
      name: 'c',
      host: 'contoso.azurecr.io',
      tenant: TENANT,
      clientId: CLIENT.toLowerCase(),
      poll: 300_000,
    });
    expect(registryOf(file('events: webhook', 'hook: env:CONTOSO_HOOK'))).toEqual({
      name: 'c',
      host: 'contoso.azurecr.io',
      events: 'webhook',
      hook: 'env:CONTOSO_HOOK',
    });
    const grid = ['events: event-grid', 'audience: api://archweave', 'subscription: archweave-pushes'];
    expect(registryOf(file(...grid))).toMatchObject({
      events: 'event-grid',
      audience: 'api://archweave',
      subscription: 'archweave-pushes',
    });
  });

  it('have the resource of the registry, whatever hash its host has', () => {
    const text = file(`resource: ${RESOURCE}/Contoso`).replace(
      'contoso.azurecr.io',
      'contoso-a1b2c3.azurecr.io',
    );
    expect(registryOf(text)).toMatchObject({ resource: `${RESOURCE}/Contoso` });
  });

  it('are for every cloud of Azure', () => {
    for (const host of ['contoso.azurecr.cn', 'contoso.azurecr.us', 'contoso-a1b2c3.azurecr.io'])
      expect(registryOf(file('events: webhook').replace('contoso.azurecr.io', host))).toMatchObject({ host });
  });

  it.each<[string, readonly string[], string]>([
    [
      'a tenant that is a name',
      ['tenant: contoso.onmicrosoft.com', `clientId: ${CLIENT}`],
      '4:13: error: "contoso.onmicrosoft.com" is no id of Entra  [bad-value]',
    ],
    [
      'an id that is cut short',
      [`tenant: ${TENANT}`, 'clientId: aaaaaaaa-bbbb'],
      '5:15: error: "aaaaaaaa-bbbb" is no id of Entra  [bad-value]',
    ],
    [
      'a tenant alone',
      [`tenant: ${TENANT}`],
      '4:5: error: "tenant" needs "clientId" next to it  [missing-key]',
    ],
    [
      'a client alone',
      [`clientId: ${CLIENT}`],
      '4:5: error: "clientId" needs "tenant" next to it  [missing-key]',
    ],
    [
      'polling of what announces itself',
      ['events: webhook', 'poll: 1m'],
      '5:5: error: "poll" is how often to ask, and "events: webhook" does not ask  [bad-value]',
    ],
    [
      'polling without a pause',
      ['poll: 0s'],
      '4:5: error: "poll" needs some time between two looks  [bad-value]',
    ],
    [
      'a secret for no way in',
      ['hook: env:X'],
      '4:5: error: "hook" is the secret of a way in, and "events: poll" has none  [bad-value]',
    ],
    [
      'an audience of a webhook',
      ['events: webhook', 'audience: api://x'],
      '5:5: error: "audience" is for "events: event-grid"  [bad-value]',
    ],
    [
      'a subscription of a webhook',
      ['events: webhook', 'subscription: abc'],
      '5:5: error: "subscription" is for "events: event-grid"  [bad-value]',
    ],
    [
      'an audience that is none',
      ['events: event-grid', 'audience: archweave'],
      '5:15: error: "archweave" is no audience of a token  [bad-value]',
    ],
    [
      'a subscription that is none',
      ['events: event-grid', 'subscription: a/b'],
      '5:19: error: "a/b" is no name of an event subscription; it has 3 to 64 letters, digits and -  [bad-value]',
    ],
    [
      'a resource that is none',
      ['resource: contoso'],
      '4:15: error: "contoso" is no resource id of a registry  [bad-value]',
    ],
    [
      'the resource of another registry',
      [`resource: ${RESOURCE}/fabrikam`],
      '4:15: error: it is of the registry fabrikam, and the host is contoso.azurecr.io  [bad-value]',
    ],
    [
      'a way that is none',
      ['events: queue'],
      '4:13: error: "queue" is no value of "events"; it is webhook, event-grid or poll  [bad-value]',
    ],
  ])('are refused with %s', (_, keys, message) => {
    expect(found(file(...keys))).toBe(`archweave.yaml:${message}`);
  });

  it('have no audience where nobody knows as whom Event Grid comes', () => {
    const text = file('events: event-grid', 'audience: api://x').replace('azurecr.io', 'azurecr.cn');
    expect(found(text)).toBe(
      'archweave.yaml:5:5: error: who Event Grid is in this cloud is not known; let it send a secret  [bad-value]',
    );
  });

  it('are refused for a registry elsewhere', () => {
    for (const key of [
      `tenant: ${TENANT}`,
      'poll: 1m',
      'hook: env:X',
      'audience: api://x',
      'subscription: abc',
      `resource: ${RESOURCE}/contoso`,
    ])
      expect(found(file(key).replace('contoso.azurecr.io', 'registry.lan'))).toBe(
        `archweave.yaml:4:5: error: "${key.split(':')[0]}" is for ACR; registry.lan is none  [bad-value]`,
      );
  });

  it('never show a secret that stands where its pointer belongs', () => {
    const text = check(file('events: webhook', 'hook: hunter2-hunter2'));
    expect(text).toContain('a password does not belong into this file  [secret]');
    expect(text).toContain('hook: env:C_HOOK');
    expect(text).not.toContain('hunter2');
  });
});
