/** Prints rows in columns, the first to the left and the others to the right. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const texts = rows.map(row => row.map(String));
  const widths = texts[0]!.map((_, column) => Math.max(...texts.map(row => (row[column] ?? '').length)));
  for (const row of texts) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
    );
    console.log(cells.join('  ').trimEnd());
  }
}
