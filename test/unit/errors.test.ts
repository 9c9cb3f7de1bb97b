import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ArchweaveError, ERROR_CODES, isArchweaveError } from '../../lib/errors.ts';

describe('the table of errors', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const sections = page.split(/^## /m).slice(1);

  it('has exactly one heading a code in docs/errors.md, in the same order', () => {
    expect(sections.map(section => section.split('\n', 1)[0])).toEqual(Object.keys(ERROR_CODES));
  });

  it('says something under each heading', () => {
    for (const section of sections)
      expect(section.split('\n').slice(1).join(' ').trim()).toMatch(/^[^#]{40,}$/s);
  });
});

describe('an error', () => {
  const cause = new Error('because');
  const error = new ArchweaveError({ code: 'not-found', attempt: 'read app:1.0', status: 404, cause });

  it('says what was attempted and why it did not work', () => {
    expect(error.message).toBe('cannot read app:1.0: there is no such tag');
    expect(error.cause).toBe(cause);
    expect(error.retryable).toBe(false);
  });

  it('is told with more, and stays what it is', () => {
    const more = error.with({ side: 'member', reason: 'gone' });
    expect(more).toMatchObject({ code: 'not-found', side: 'member', status: 404, cause });
    expect(more.message).toBe('cannot read app:1.0: gone');
    expect(isArchweaveError(more)).toBe(true);
    expect(isArchweaveError(cause)).toBe(false);
  });

  it('says of what nobody knows nothing at all', () => {
    expect(Object.keys(error)).not.toContain('where');
  });
});
