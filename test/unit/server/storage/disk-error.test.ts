import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../../lib/errors.ts';
import { diskError } from '../../../../lib/server/storage/disk-error.ts';

describe('an error of the disk', () => {
  it.each([{ code: 'ENOSPC' }, { code: 'EDQUOT' }, { code: 'ERR_SQLITE_ERROR', errcode: 13 }])(
    'is disk-full for %j',
    cause => {
      expect(diskError(Object.assign(new Error(), cause), 'write')).toMatchObject({ code: 'disk-full' });
    },
  );

  it('is registry-failed with its own words otherwise, and keeps the cause', () => {
    const cause = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    expect(diskError(cause, 'write')).toMatchObject({
      code: 'registry-failed',
      reason: 'EIO: i/o error',
      cause,
    });
  });

  it('is left alone where it is understood already', () => {
    const error = new ArchweaveError({ code: 'digest-mismatch', attempt: 'write' });
    expect(diskError(error, 'do something else')).toBe(error);
  });
});
