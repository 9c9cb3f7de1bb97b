/** Columns two spaces apart, as wide as their widest cell; nothing is cut and no line ends in spaces. */
export function formatTable(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map(row => indent + row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
    .map(line => `${line.trimEnd()}\n`)
    .join('');
}
