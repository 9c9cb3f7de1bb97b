import { describe, expect, it } from '@jest/globals';
import { ArchweaveError, type ErrorFacts } from '../../../../lib/errors.ts';
import { acrError, type Right } from '../../../../lib/registry/acr/acr-error.ts';
import { scopeOf } from '../../../../lib/registry/acr/scope-of.ts';

const HOST = 'contoso.azurecr.io';
const ACCESS = { host: HOST, login: () => 'az login --tenant t' };
const failed = (facts: Partial<ErrorFacts>) =>
  new ArchweaveError({
    code: 'unsupported',
    attempt: 'test',
    where: `PUT https://${HOST}/v2/app/manifests/1.0 -> 405`,
    status: 405,
    ...facts,
  });
const meant = (facts: Partial<ErrorFacts>, right: Right = 'read') => acrError(failed(facts), ACCESS, right);

describe('an error of ACR', () => {
  it.each([
    ['read', 'quarantined'],
    ['write', 'locked'],
    ['delete', 'locked'],
  ] as const)('is, where it disallows to %s, that it is %s', (right, code) => {
    expect(meant({ reason: 'UNSUPPORTED: The operation is disallowed' }, right).code).toBe(code);
  });

  it('is soft delete where it says so, and never its own failure', () => {
    expect(meant({ reason: 'CONFLICT: manifest is soft deleted' }, 'write').code).toBe('soft-deleted');
    expect(meant({ reason: 'soft-delete store failed', status: 503 }, 'write').code).toBe('unsupported');
  });

  it.each([
    ['read', 'AcrPull', 'Container Registry Repository Reader'],
    ['write', 'AcrPush', 'Container Registry Repository Writer'],
    ['delete', 'AcrDelete', 'Container Registry Repository Contributor'],
    ['list', 'AcrPull', 'Container Registry Repository Catalog Lister'],
  ] as const)('names both roles that give the right to %s', (right, plain, abac) => {
    const { next } = meant({ code: 'forbidden', status: 403 }, right);
    expect(next).toContain(`give it ${plain};`);
    expect(next).toContain(`"${abac}"`);
  });

  it('asks for a login of whoever has none, and for a role of whoever has', () => {
    const refused = { code: 'unauthorized', status: 401 } as const;
    expect(meant({ ...refused, tried: 'no credentials; anonymous refused' })).toMatchObject({
      code: 'unauthorized',
      next: 'az login --tenant t',
    });
    expect(meant({ ...refused, tried: 'the AWS role refused' })).toMatchObject({ code: 'forbidden' });
  });

  it('is left as it is where it is of somebody else, or of the login itself', () => {
    const entra = { code: 'unauthorized', status: 401, where: 'POST https://login.example/t -> x' } as const;
    expect(meant(entra).code).toBe('unauthorized');
    const exchange = { ...entra, where: `POST https://${HOST}/oauth2/exchange -> 401` };
    expect(meant(exchange).code).toBe('unauthorized');
  });
});

describe('the scope of a right', () => {
  it('is no more than it needs', () => {
    expect(scopeOf('read', 'team/app')).toBe('repository:team/app:pull');
    expect(scopeOf('write', 'team/app')).toBe('repository:team/app:pull,push');
    expect(scopeOf('delete', 'team/app')).toBe('repository:team/app:delete');
    expect(scopeOf('list', undefined)).toBe('registry:catalog:*');
  });
});
