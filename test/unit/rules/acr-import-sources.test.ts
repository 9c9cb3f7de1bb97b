import { describe, expect, it } from '@jest/globals';
import { acrImportSources } from '../../../lib/rules/acr-import-sources.ts';

const target = { host: 'fabrikam.azurecr.io', resource: '/f', tenant: 'one' };
const contoso = { host: 'contoso.azurecr.io', resource: '/c', tenant: 'one' };

describe('acrImportSources', () => {
  it('are the other registries whose resource is known', () => {
    const lan = { host: 'registry.lan' };
    const unknown = { host: 'third.azurecr.io' };
    expect([...acrImportSources(target, [target, contoso, lan, unknown])]).toEqual([
      ['contoso.azurecr.io', '/c'],
    ]);
  });

  it('are none where the resource of the target is not known', () => {
    const { resource: _, ...unknown } = target;
    expect(acrImportSources(unknown, [contoso]).size).toBe(0);
  });

  it('are of the same tenant, as far as both say theirs', () => {
    const { tenant: _, ...unsaid } = contoso;
    expect(acrImportSources(target, [{ ...contoso, tenant: 'two' }]).size).toBe(0);
    expect(acrImportSources(target, [unsaid]).size).toBe(1);
    const { tenant: __, ...unsaidTarget } = target;
    expect(acrImportSources(unsaidTarget, [contoso]).size).toBe(1);
  });

  it('are of the same cloud', () => {
    expect(acrImportSources(target, [{ ...contoso, host: 'contoso.azurecr.us' }]).size).toBe(0);
  });
});
