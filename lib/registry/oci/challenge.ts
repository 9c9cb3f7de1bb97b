/** One challenge of a `WWW-Authenticate` header; scheme and names of parameters are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/**
 * All challenges of a header, in order. Several may stand in one, parted by commas as their parameters are; values
 * are tokens or quoted strings (RFC 9110, 11.6.1). Reading stops at what is no challenge.
 */
export function parseChallenges(header: string | null): readonly Challenge[] {
  const text = header ?? '';
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found?.[0] ?? '';
  };
  for (;;) {
    skip(/[\s,]*/y);
    const name = skip(TOKEN).toLowerCase();
    if (name === '') return challenges;
    const current = challenges.at(-1);
    if (current && skip(/\s*=\s*/y)) {
      // Realms without quotes are against the grammar and exist.
      current.parameters[name] ??= text[at] === '"' ? quoted(skip(/"(?:[^"\\]|\\.)*"?/sy)) : skip(/[^\s,]*/y);
    } else {
      challenges.push({ scheme: name, parameters: Object.create(null) });
      skip(/\s+[A-Za-z0-9\-._~+/]+=*(?=\s*(,|$))/y);
    }
  }
}

function quoted(text: string): string {
  return text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replace(/\\(.)/gs, '$1');
}
