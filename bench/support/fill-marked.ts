/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`; undefined where the marks are not there. */
export function fillMarked(page: string, name: string, content: string): string | undefined {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) return undefined;
  return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}
