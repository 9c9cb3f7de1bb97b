/** A request as errors and `-v` show it: without query, without anything before the host. */
export function describeRequest(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`;
}

const LONGEST = 200;

/**
 * Text from another machine, fit for one line of output: control, format and bidi characters go, white space becomes
 * one space, and it is cut at 200 characters.
 */
export function oneLine(text: string): string {
  const clean = text
    .slice(0, LONGEST * 8)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, '')
    .trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean;
}
