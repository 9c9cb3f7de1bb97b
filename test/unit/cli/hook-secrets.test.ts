import { describe, expect, it } from '@jest/globals';
import { hookSecrets } from '../../../lib/cli/hook-secrets.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const registries = [
  { name: 'contoso', hook: 'env:CONTOSO_HOOK' },
  { name: 'fabrikam', hook: 'secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:x' },
  { name: 'lan' },
];

describe('hookSecrets', () => {
  it('finds those in the environment and leaves the others the common token', () => {
    expect([...hookSecrets(registries, { CONTOSO_HOOK: SECRET })]).toEqual([['contoso', SECRET]]);
  });

  it.each([
    [undefined, '$CONTOSO_HOOK is not set'],
    ['', '$CONTOSO_HOOK is no secret: 20 or more characters without spaces'],
    ['short', '$CONTOSO_HOOK is no secret: 20 or more characters without spaces'],
    [`${SECRET}\n`, '$CONTOSO_HOOK is no secret: 20 or more characters without spaces'],
  ])('refuses %j without showing it', (value, reason) => {
    expect(() => hookSecrets(registries, { CONTOSO_HOOK: value })).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: `cannot open the hook of contoso: ${reason}`,
        next: expect.stringContaining('export CONTOSO_HOOK="$(openssl rand -hex 32)"'),
      }),
    );
  });
});
