import type { RunningMinistack } from './ministack.ts';

interface Line {
  readonly repository: string;
  readonly tag: string;
  readonly moved: number;
}

/**
 * How far each step of an image had come, in bytes, in the order of the log of `copy`: the emulated history of an
 * execution has no steps of items.
 */
export async function importParts(
  { url, region }: RunningMinistack,
  logGroupName: string,
  image: string,
): Promise<readonly number[]> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      'content-type': 'application/x-amz-json-1.1',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/logs/aws4_request`,
    },
    body: JSON.stringify({ logGroupName }),
  });
  const { events = [] } = (await answer.json()) as { readonly events?: { readonly message: string }[] };
  return events
    .filter(({ message }) => message.includes('"import part"'))
    .map(({ message }) => JSON.parse(message) as Line)
    .filter(({ repository, tag }) => `${repository}:${tag}` === image)
    .map(({ moved }) => moved);
}
