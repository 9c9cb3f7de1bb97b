import type { Answer } from './call.ts';

/**
 * The address of the next page by the `Link` header, where it is the registry's own; credentials would go along, so
 * that any other counts as none.
 */
export function nextPage(answer: Pick<Answer, 'headers' | 'url'>, origin: string): URL | undefined {
  const link = /<([^<>]*)>\s*;[^,]*\brel\s*=\s*"?next\b/i.exec(answer.headers.get('link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, answer.url.href)) return undefined;
  const url = new URL(link, answer.url);
  return url.origin === origin ? url : undefined;
}
