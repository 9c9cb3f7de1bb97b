/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header asks of `size` bytes: a range of them, 'unsatisfiable', or undefined for everything, which is
 * also the answer to units and lists of ranges that a registry need not know (RFC 9110, 14.2).
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? 'unsatisfiable' : { start, end };
}

/** A chunk's place, as `Content-Range: START-END` says it in uploads; 'bad' for any other text. */
export function readChunkRange(header: string | undefined): ByteRange | 'bad' | undefined {
  if (header === undefined) return undefined;
  // docker sends "bytes " in front, which the specification does not have.
  const match = /^(?:bytes )?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header);
  if (!match) return 'bad';
  const [start, end] = [Number(match[1]), Number(match[2])];
  return end < start ? 'bad' : { start, end };
}
