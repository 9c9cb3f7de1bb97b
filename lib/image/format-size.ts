const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in powers of ten: `28.4 MB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999,950 and more would be written "1000.0 kB"; bytes alone are whole.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
