import { describe, expect, it } from '@jest/globals';
import { answerError } from '../../../../lib/registry/oci/answer-error.ts';

function errorOf(status: number, body: unknown = '', headers: Record<string, string> = {}) {
  return answerError({
    attempt: 'read registry.example:5000/app:1.0',
    reference: 'registry.example:5000/app:1.0',
    method: 'PUT',
    url: new URL('https://registry.example:5000/v2/app/manifests/1.0?key=secret'),
    status,
    headers: new Headers(headers),
    bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    now: 0,
    host: 'registry.example:5000',
    scrub: text => text,
  });
}

const said = (code: string, message = '', detail?: unknown) => ({ errors: [{ code, message, detail }] });
const MISSING = `sha256:${'a'.repeat(64)}`;

describe('what an answer means', () => {
  it.each([
    ['401', 401, '', {}, 'unauthorized', false],
    ['403', 403, said('DENIED', 'no'), {}, 'forbidden', false],
    ['404', 404, said('MANIFEST_UNKNOWN'), {}, 'not-found', false],
    ['404 of a repository', 404, said('NAME_UNKNOWN'), {}, 'no-repository', false],
    ['404 without a word', 404, '', {}, 'not-found', false],
    ['413', 413, '', {}, 'too-large', false],
    ['415', 415, '', {}, 'unsupported', false],
    ['429', 429, '', {}, 'throttled', true],
    ['429 with a page', 429, '<html>', { 'content-type': 'text/html' }, 'throttled', true],
    ['502 with a page', 502, '<html>', { 'content-type': 'text/html' }, 'registry-failed', true],
    ['501', 501, '', {}, 'registry-failed', false],
    ['a page with 403', 403, '<html>', { 'content-type': 'text/html' }, 'not-a-registry', false],
    ['a page that does not say so', 400, '<!doctype html>', {}, 'not-a-registry', false],
    [
      'a child that is gone',
      404,
      said('MANIFEST_BLOB_UNKNOWN', '', { digest: MISSING }),
      {},
      'child-gone',
      false,
    ],
    [
      'an immutable tag of Harbor',
      412,
      said('PRECONDITION', 'configured as immutable'),
      {},
      'immutable-tag',
      false,
    ],
    [
      'an immutable tag of ECR',
      400,
      said(
        'TAG_INVALID',
        "The image tag '1' already exists and cannot be overwritten because the tag is immutable.",
      ),
      {},
      'immutable-tag',
      false,
    ],
    ['a digest that is wrong', 400, said('DIGEST_INVALID'), {}, 'digest-mismatch', false],
    [
      'a manifest that it does not like',
      400,
      said('MANIFEST_INVALID', 'manifest invalid'),
      {},
      'unsupported',
      false,
    ],
    ['something new', 418, said('TEAPOT'), {}, 'registry-failed', false],
    ['errors that are none', 400, { errors: [null, 7, 'x'] }, {}, 'registry-failed', false],
  ])('is of %s as the table says', (_, status, body, headers, code, retryable) => {
    const error = errorOf(status, body, headers as Record<string, string>);
    expect(error).toMatchObject({ code, retryable, status });
    expect(error.where).toBe(`PUT https://registry.example:5000/v2/app/manifests/1.0 -> ${status}`);
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('names the child that is gone', () => {
    expect(errorOf(400, said('MANIFEST_BLOB_UNKNOWN', 'x', MISSING)).reason).toBe(
      `the registry does not have ${MISSING}`,
    );
  });

  it('says what to do on the port that AirPlay has', () => {
    expect(errorOf(403, '', { 'content-type': 'text/html' })).toMatchObject({
      reason: 'registry.example:5000 answers, but not as a registry (403 text/html)',
      next: 'on macOS port 5000 is AirPlay; use another port',
    });
  });

  it('says what to look at where a tag is not there', () => {
    expect(errorOf(404).next).toBe('archweave list registry.example:5000/app');
  });
});
