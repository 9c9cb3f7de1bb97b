import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf } from '../../../lib/image/digest.ts';
import { readImageConfig } from '../../../lib/image/image-config.ts';
import { fixtureBytes } from './manifest-fixture.ts';

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

describe('readImageConfig', () => {
  it('reads platform and time of a Docker config that has no labels', () => {
    expect(readImageConfig(fixtureBytes('docker-config-arm64'))).toEqual({
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      created: '2022-10-06T00:26:32.116542843Z',
      labels: {},
    });
  });

  it('reads the labels of an OCI config, and nothing that may be secret', () => {
    const config = readImageConfig(fixtureBytes('oci-config-amd64'));
    expect(config).toEqual({
      platform: { os: 'linux', architecture: 'amd64' },
      created: '2026-11-22T10:01:07Z',
      labels: {
        'org.opencontainers.image.revision': '9f3c1e2b6a',
        'org.opencontainers.image.version': '1.0',
      },
    });
    expect(JSON.stringify(config)).not.toContain('PATH');
  });

  it('reads the build of Windows', () => {
    expect(readImageConfig(fixtureBytes('windows-config')).platform).toEqual({
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.17763.1697',
    });
  });

  it('needs no more than a platform', () => {
    const platform = { os: 'linux', architecture: 'amd64', 'os.features': ['a'], variant: '' };
    expect(readImageConfig(bytesOf({ ...platform, config: null, created: null }))).toEqual({
      platform,
      labels: {},
    });
  });

  const cases: readonly (readonly [unknown, string])[] = [
    [{ os: 'linux' }, 'architecture is missing'],
    [{ architecture: 'amd64' }, 'os is missing'],
    [{ os: 'linux', architecture: '' }, 'architecture is empty'],
    [{ os: '', architecture: 'amd64' }, 'os is empty'],
    [{ os: ['linux'], architecture: 'amd64' }, 'os is not a string'],
    [{ os: 'linux', architecture: 'amd64', created: 5 }, 'created is not a string'],
    [{ os: 'linux', architecture: 'amd64', config: 'x' }, 'config is not an object'],
    [{ os: 'linux', architecture: 'amd64', config: { Labels: [] } }, 'config.Labels is not an object'],
    [
      { os: 'linux', architecture: 'amd64', config: { Labels: { a: 1 } } },
      'config.Labels has a value that is not a string',
    ],
    [[], 'it is not a JSON object'],
  ];

  it.each(cases)('refuses %j', (value, reason) => {
    const bytes = bytesOf(value);
    expect(() => readImageConfig(bytes)).toThrow(
      expect.objectContaining({
        code: 'malformed',
        attempt: `read the image config ${digestOf(bytes)}`,
        reason,
      }),
    );
  });

  it('throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(() => readImageConfig(bytes)).toThrow(expect.objectContaining({ name: 'ArchweaveError' }));
      }),
    );
  });
});
