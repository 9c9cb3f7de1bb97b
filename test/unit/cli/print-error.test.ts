import { describe, expect, it } from '@jest/globals';
import { errorDocument, renderError, renderTrace } from '../../../lib/cli/print-error.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import { printable } from '../../../lib/image/printable.ts';

const unauthorized = new ArchweaveError({
  code: 'unauthorized',
  attempt: 'read 127.0.0.1:5000/app:1.2-arm64',
  where: 'GET http://127.0.0.1:5000/v2/app/manifests/1.2-arm64 -> 401',
  side: 'member',
  status: 401,
  reference: '127.0.0.1:5000/app:1.2-arm64',
  tried:
    'no credentials in archweave.yaml; ~/.docker/config.json has none for 127.0.0.1:5000; anonymous refused',
  next: 'docker login 127.0.0.1:5000',
});

describe('renderError', () => {
  it('says what happened, where, what was tried and what to do, a fact a line', () => {
    expect(renderError(unauthorized)).toBe(
      `error: cannot read 127.0.0.1:5000/app:1.2-arm64: the registry does not let you in  [unauthorized]
  where   GET http://127.0.0.1:5000/v2/app/manifests/1.2-arm64 -> 401   (member, reading)
  tried   no credentials in archweave.yaml; ~/.docker/config.json has none for 127.0.0.1:5000; anonymous refused
  next    docker login 127.0.0.1:5000
`,
    );
  });

  it('says of a write that it is one', () => {
    const error = unauthorized.with({ where: 'PUT http://h/v2/app/manifests/1 -> 403', side: 'target' });
    expect(renderError(error)).toContain('-> 403   (target, writing)\n');
  });

  it('lets a sentence stand alone, and gives a mistake in the arguments no code', () => {
    const sentence = { attempt: '', reason: '"x" is not a command.' } as const;
    expect(renderError(new ArchweaveError({ code: 'bad-argument', ...sentence }))).toBe(
      'error: "x" is not a command.\n',
    );
    expect(renderError(new ArchweaveError({ code: 'internal', attempt: '' }))).toBe(
      'error: this is a bug in archweave  [internal]\n',
    );
  });

  it('stays within 600 bytes and 5 lines, and keeps the code and what to do', () => {
    const long = 'x'.repeat(500);
    for (const facts of [
      { tried: long },
      { where: `GET ${long}` },
      { reason: long, tried: long, where: long },
    ]) {
      const text = renderError(unauthorized.with(facts));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(600);
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(5);
      expect(text).toContain('[unauthorized]');
      expect(text).toContain('  next    docker login 127.0.0.1:5000\n');
    }
  });

  it('shows control and bidirectional characters escaped, so that no registry can rewrite the screen', () => {
    const text = renderError(unauthorized.with({ reason: 'a\nb\x1b[2Jc\u202ed' }));
    expect(text).toContain('a\\u{a}b\\u{1b}[2Jc\\u{202e}d');
    expect(printable('ümläut 1.0')).toBe('ümläut 1.0');
  });
});

describe('errorDocument', () => {
  it('has every key, null where nothing is known', () => {
    expect(errorDocument(unauthorized)).toEqual({
      code: 'unauthorized',
      message: 'cannot read 127.0.0.1:5000/app:1.2-arm64: the registry does not let you in',
      reference: '127.0.0.1:5000/app:1.2-arm64',
      side: 'member',
      status: 401,
      retryable: false,
      next: 'docker login 127.0.0.1:5000',
    });
    expect(
      errorDocument(new ArchweaveError({ code: 'timeout', attempt: 'x', retryable: true })),
    ).toMatchObject({
      reference: null,
      status: null,
      retryable: true,
    });
  });
});

describe('renderTrace', () => {
  it('tells the causes too, and ends where they go in a circle', () => {
    const cause = new Error('socket hang up');
    expect(renderTrace(new Error('outer', { cause }))).toMatch(/outer[\s\S]*caused by Error: socket hang up/);
    cause.cause = cause;
    expect(renderTrace(cause).split('caused by')).toHaveLength(5);
  });
});
