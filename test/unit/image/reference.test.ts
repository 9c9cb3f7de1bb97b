import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ArchweaveError } from '../../../lib/errors.ts';
import {
  formatReference,
  isLoopback,
  parseMember,
  parseReference,
  type Reference,
} from '../../../lib/image/reference.ts';
import { anyDigest } from './arbitraries.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const registries = { prod: '123456789012.dkr.ecr.eu-west-1.amazonaws.com', local: '127.0.0.1:5100' };

function refusal(text: string): ArchweaveError {
  try {
    parseReference(text, { registries });
  } catch (error) {
    if (error instanceof ArchweaveError) return error;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe('parseReference', () => {
  const cases: readonly (readonly [string, Reference])[] = [
    ['127.0.0.1:5100/app:1.2', { host: '127.0.0.1:5100', repository: 'app', tag: '1.2' }],
    ['[::1]:5100/team/app', { host: '[::1]:5100', repository: 'team/app' }],
    ['[::1]/app', { host: '[::1]', repository: 'app' }],
    ['localhost/app:x', { host: 'localhost', repository: 'app', tag: 'x' }],
    ['LOCALHOST:5000/app', { host: 'localhost:5000', repository: 'app' }],
    ['registry.lan:5000/a/b/c:1', { host: 'registry.lan:5000', repository: 'a/b/c', tag: '1' }],
    ['Registry.LAN/app', { host: 'registry.lan', repository: 'app' }],
    ['http://registry.lan:5000/app', { scheme: 'http', host: 'registry.lan:5000', repository: 'app' }],
    ['HTTPS://registry/app:1', { scheme: 'https', host: 'registry', repository: 'app', tag: '1' }],
    ['localhost5:1', { host: 'docker.io', repository: 'library/localhost5', tag: '1' }],
    ['x127.0.0.1:5000', { host: 'docker.io', repository: 'library/x127.0.0.1', tag: '5000' }],
    ['127.0.0.1:5000x', { host: 'docker.io', repository: 'library/127.0.0.1', tag: '5000x' }],
    ['1.2.3.40:5000x', { host: 'docker.io', repository: 'library/1.2.3.40', tag: '5000x' }],
    [
      `h.example/${'a'.repeat(100)}:${'t'.repeat(128)}`,
      { host: 'h.example', repository: 'a'.repeat(100), tag: 't'.repeat(128) },
    ],
    ['local:5/x', { host: 'local:5', repository: 'x' }],
    ['alpine', { host: 'docker.io', repository: 'library/alpine' }],
    ['alpine:3.20', { host: 'docker.io', repository: 'library/alpine', tag: '3.20' }],
    [`alpine@${DIGEST}`, { host: 'docker.io', repository: 'library/alpine', digest: DIGEST }],
    ['bitnami/redis:7', { host: 'docker.io', repository: 'bitnami/redis', tag: '7' }],
    ['docker.io/alpine', { host: 'docker.io', repository: 'library/alpine' }],
    ['index.docker.io/alpine', { host: 'docker.io', repository: 'library/alpine' }],
    ['registry-1.docker.io/bitnami/redis', { host: 'docker.io', repository: 'bitnami/redis' }],
    ['hub.example/alpine', { host: 'hub.example', repository: 'alpine' }],
    ['prod/team/app:1.2', { host: registries.prod, repository: 'team/app', tag: '1.2' }],
    ['local/app', { host: '127.0.0.1:5100', repository: 'app' }],
    [`h.example/a:t@${DIGEST}`, { host: 'h.example', repository: 'a', tag: 't', digest: DIGEST }],
    [
      `h.example/a@sha512:${'b'.repeat(128)}`,
      { host: 'h.example', repository: 'a', digest: `sha512:${'b'.repeat(128)}` },
    ],
    ['h.example/a.b_c__d--e/f:_x.Y-z', { host: 'h.example', repository: 'a.b_c__d--e/f', tag: '_x.Y-z' }],
  ];

  it.each(cases)('reads %s', (text, expected) => {
    expect(parseReference(text, { registries })).toEqual(expected);
  });

  it('knows no registry that is not configured by name', () => {
    expect(parseReference('prod/team/app').host).toBe('docker.io');
    expect(parseReference('constructor/app', { registries: {} }).host).toBe('docker.io');
  });

  it.each([
    ['127.0.0.1:5100/not/A/REF:::', 'the repository "not/A/REF" has upper case letters'],
    ['127.0.0.1:5100/not/a/ref:::', 'the tag "::" is not 1 to 128 of A-Z a-z 0-9 _ . -'],
    ['127.0.0.1:5100/app:', 'the tag is empty'],
    ['127.0.0.1:5100/app:-x', 'the tag "-x" is not'],
    ['127.0.0.1:5100/app:a/b', 'the tag "a/b" is not'],
    [`127.0.0.1:5100/app:${'a'.repeat(129)}`, `the tag "${'a'.repeat(129)}" is not`],
    ['127.0.0.1:5100/', 'it names the registry 127.0.0.1:5100 and no repository'],
    ['127.0.0.1:5100', 'it names the registry 127.0.0.1:5100 and no repository'],
    ['localhost:5000', 'it names the registry localhost:5000 and no repository'],
    ['[::1]:5000', 'it names the registry [::1]:5000 and no repository'],
    ['127.0.0.1:5100/:x', 'it names the registry 127.0.0.1:5100 and no repository'],
    ['prod', `it names the registry ${registries.prod} and no repository`],
    ['prod:1', `it names the registry ${registries.prod} and no repository`],
    ['http://registry.lan', 'it names the registry registry.lan and no repository'],
    ['registry.lan/a//b', 'the repository "a//b" is not'],
    ['registry.lan/a/', 'the repository "a/" is not'],
    ['registry.lan/../b', 'the repository "../b" is not'],
    ['registry.lan/a___b', 'the repository "a___b" is not'],
    ['registry.lan/a..b', 'the repository "a..b" is not'],
    [`registry.lan/${'a'.repeat(256)}`, 'is not 255 or fewer'],
    ['registry.lan:99999/app', 'the host "registry.lan:99999" is no host name'],
    ['registry.lan:x/app', 'the host "registry.lan:x" is no host name'],
    ['registry..lan/app', 'the host "registry..lan" is no host name'],
    ['-a.lan/app', 'the host "-a.lan" is no host name'],
    ['[::g]/app', 'the host "[::g]" is no host name'],
    ['1.2.3.999/app', 'the host "1.2.3.999" is no host name'],
    ['http:///app', 'the host "" is no host name'],
    ['docker://alpine', '"docker://" is neither http:// nor https://'],
    ['app@sha256:abc', 'the digest "sha256:abc" is not sha256: and 64'],
    [`app@sha256:${'A'.repeat(64)}`, 'is not sha256: and 64'],
    [`app@md5:${'a'.repeat(32)}`, 'is not sha256: and 64'],
    [`app:@${DIGEST}`, 'the tag is empty'],
  ])('refuses %s and says which part is wrong', (text, reason) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'bad-reference', attempt: `read ${text}` });
    expect(error.reason).toContain(reason);
  });

  it.each([
    ['', 'it is empty'],
    [' alpine', 'it has spaces, control characters or letters outside ASCII'],
    ['alpine\n', 'it has spaces'],
    ['alp\u202eine', 'it has spaces'],
    ['registry.lan/app?X-Amz-Signature=hunter2', 'it has a query or a fragment'],
    ['registry.lan/app#hunter2', 'it has a query or a fragment'],
    ['https://me:hunter2@registry.lan/app', 'credentials do not belong here'],
    ['me:hunter2@registry.lan/app', 'credentials do not belong here'],
    ['me:hunter2@registry.lan:5000', 'credentials do not belong here'],
    ['me:hunter2@sha256:5000/app', 'credentials do not belong here'],
    ['me:hunter2@registry:5000', 'credentials do not belong here'],
    [`me:hunter2@registry/app@${DIGEST}`, 'credentials do not belong here'],
    [`hunter2${'a'.repeat(1024)}`, 'it has 1031 characters, more than 1024'],
  ])('refuses %j without repeating it', (text, reason) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'bad-reference', attempt: 'read this reference' });
    expect(error.reason).toContain(reason);
    expect(error.message).not.toContain('hunter2');
  });

  it('reads up to 1,024 characters', () => {
    expect(refusal('a'.repeat(1_024)).reason).toContain('is not 255 or fewer');
  });

  it('throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z.:@/[\]]{0,20}$/)), text => {
        try {
          const reference = parseReference(text, { registries });
          expect(parseReference(formatReference(reference))).toEqual(reference);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ArchweaveError', code: 'bad-reference' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatReference', () => {
  it('is read back as it was', () => {
    const reference: fc.Arbitrary<Reference> = fc.record(
      {
        scheme: fc.constantFrom('http' as const, 'https' as const),
        host: fc.constantFrom(
          '127.0.0.1:5100',
          '[::1]:5100',
          'localhost',
          'registry.lan',
          'a-b.example:443',
          'docker.io',
        ),
        repository: fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,3}){0,2}\/[a-z0-9]{1,5}$/),
        tag: fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}$/),
        digest: anyDigest,
      },
      { requiredKeys: ['host', 'repository'] },
    );
    fc.assert(
      fc.property(reference, value => {
        expect(parseReference(formatReference(value), { registries })).toEqual(value);
      }),
    );
  });
});

describe('parseMember', () => {
  const target = parseReference('http://registry.lan:5000/team/app:1.2');

  it('takes a bare tag or digest to be in the repository of the target', () => {
    const { tag: _, ...repository } = target;
    expect(parseMember(':1.2-arm64', target)).toEqual({ ...repository, tag: '1.2-arm64' });
    expect(parseMember(`@${DIGEST}`, target)).toEqual({ ...repository, digest: DIGEST });
    expect(parseMember(`:x@${DIGEST}`, target)).toEqual({ ...repository, tag: 'x', digest: DIGEST });
    expect(parseMember(':x', parseReference('alpine'))).toEqual({
      host: 'docker.io',
      repository: 'library/alpine',
      tag: 'x',
    });
  });

  it('reads anything else as a reference', () => {
    expect(parseMember('local/app:1', target, { registries })).toEqual({
      host: '127.0.0.1:5100',
      repository: 'app',
      tag: '1',
    });
  });

  it.each([':', ':a b', '@', '@sha256:x', '::', ':a:b', '@x/y'])('refuses %j', text => {
    expect(() => parseMember(text, target)).toThrow(expect.objectContaining({ code: 'bad-reference' }));
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.0.1:5100', true],
    ['127.255.3.4', true],
    ['[::1]', true],
    ['[::1]:5100', true],
    ['[0:0:0:0:0:0:0:1]', true],
    ['localhost', true],
    ['LocalHost:80', true],
    ['registry.localhost:5000', true],
    ['128.0.0.1', false],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['notlocalhost', false],
    ['[::2]', false],
    ['0.0.0.0', false],
    ['[::ffff:127.0.0.1]', false],
    ['registry.lan', false],
    ['', false],
    ['x@127.0.0.1', false],
    ['127.0.0.1/x', false],
    ['evil.example#.localhost', false],
  ])('says of %j: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
