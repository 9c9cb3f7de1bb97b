import { describe, expect, it } from '@jest/globals';
import { Fields } from '../../../lib/image/fields.ts';

const fields = new Fields('read it', '', {
  all: ['a', 'b'],
  mixed: ['a', 1],
  map: { a: 'b' },
  mixedMap: { a: 'b', c: 1 },
});

describe('Fields', () => {
  it('takes a list of strings only where all are strings', () => {
    expect(fields.optionalStrings('all')).toEqual(['a', 'b']);
    expect(fields.optionalStrings('none')).toBeUndefined();
    expect(() => fields.optionalStrings('mixed')).toThrow('cannot read it: mixed is not a list of strings');
  });

  it('takes a map of strings only where all values are strings', () => {
    expect(fields.optionalStringMap('map')).toEqual({ a: 'b' });
    expect(fields.optionalStringMap('none')).toBeUndefined();
    expect(() => fields.optionalStringMap('mixedMap')).toThrow('mixedMap has a value that is not a string');
  });
});
