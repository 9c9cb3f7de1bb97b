/** The commands of each ```sh block of a page, in their order: what a reader would paste, line by line. */
export function shellBlocks(markdown: string): readonly (readonly string[])[] {
  return blocksOf(markdown, 'sh').map(block =>
    block
      .split('\n')
      .map(line => line.replace(/\s+#.*$/, '').trim())
      .filter(line => line !== ''),
  );
}

/** The text of each block of a page that is in such a language. */
export function blocksOf(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    block => block[1]!,
  );
}
