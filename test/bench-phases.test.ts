import { describe, expect, it } from '@jest/globals';
import type { SeenRequest } from '../bench/support/counting-proxy.ts';
import { phasesOf } from '../bench/support/phases.ts';

const seen = (
  method: string,
  reference: string,
  began: number,
  ended: number,
  status = 200,
): SeenRequest => ({
  method,
  path: `/v2/app/${reference}`,
  status,
  began,
  ended,
});

describe('what the benchmark counts', () => {
  it('takes requests that overlap as one round trip, and ends the first phase with the write', () => {
    const phases = phasesOf(
      [
        seen('GET', 'manifests/1.0-amd64', 0, 40),
        seen('GET', 'manifests/1.0-arm64', 1, 45),
        seen('GET', 'manifests/1.0', 1, 42, 404),
        seen('GET', 'manifests/1.0-aarch64', 1, 42, 404),
        seen('GET', 'blobs/a', 41, 81),
        seen('GET', 'blobs/b', 46, 86),
        seen('PUT', 'manifests/1.0', 87, 130, 201),
        seen('GET', 'manifests/1.0', 131, 170),
      ],
      '1.0',
    );
    expect(phases).toEqual({
      write: { requests: 6, roundTrips: 3 },
      spellings: 1,
      after: { requests: 1, roundTrips: 1 },
      writes: 1,
    });
  });

  it('counts requests that wait for each other one by one', () => {
    const phases = phasesOf(
      [0, 1, 2, 3].map(at => seen('GET', `blobs/${at}`, at * 10, at * 10 + 9)),
      '1.0',
    );
    expect(phases.write).toEqual({ requests: 4, roundTrips: 4 });
    expect(phases.writes).toBe(0);
  });
});
