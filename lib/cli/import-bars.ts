import { duration } from '../image/format-duration.ts';
import { formatSize } from '../image/format-size.ts';
import type { ByteCount, CopyProgress, ImageProgress } from '../import/progress.ts';

const WIDTH = 30;
const LABEL = 16;
/** What stands beside a bar: its label, and the longest of what comes after it. */
const BESIDE = 66;
const NARROWEST = 8;

/** How fast it goes, and how far it is, at one moment. */
export interface Pace {
  /** Bytes a second of the last seconds. */
  readonly speed: number;
}

/** How many characters a bar has in a terminal of so many columns. */
export function barWidth(columns: number): number {
  return Math.max(NARROWEST, Math.min(WIDTH, columns - BESIDE));
}

/**
 * A bar a platform and one for all, as a terminal shows them. Attestations and the like are in the total only, unless
 * there is nothing else.
 */
export function imageBars(
  progress: CopyProgress,
  pace: ReadonlyMap<string, Pace>,
  columns: number,
): readonly string[] {
  const named = progress.images.filter(({ platform }) => platform !== undefined);
  const rows = named.length > 0 ? named : progress.images;
  const labelOf = ({ platform }: ImageProgress): string => platform ?? 'image';
  const width = Math.max(LABEL, ...rows.map(row => labelOf(row).length + 2));
  const size = barWidth(columns);
  const { total, blobs } = progress;
  const end = `${percent(total)}${' '.repeat(Math.max(2, size - 10))}${blobs.done} of ${blobs.total} blobs`;
  return [
    ...rows.map(row => `${labelOf(row).padEnd(width)}${imageBar(row, pace.get(row.digest), size)}`),
    `${'total'.padEnd(width)}${bar(shareOf(total), size)} ${end}`,
  ];
}

function imageBar(image: ImageProgress, pace: Pace | undefined, size: number): string {
  const { copied, had, total } = image;
  const drawn = bar(shareOf(image), size);
  if (copied + had >= total) {
    return `${drawn} ${formatSize(total)}  ${had === 0 ? `copied ${formatSize(copied)}` : `copied ${formatSize(copied)}, had ${formatSize(had)}`}`;
  }
  return `${drawn} ${percent(image)}  ${fraction(image)}${speedAndRest(image, pace)}`;
}

/** One line for who reads a log: `import 75 % 180.2 of 240.1 MB, 31 of 41 blobs, 5 s left`. */
export function progressLine({ total, blobs }: CopyProgress, pace: Pace | undefined): string {
  const left = rest(total, pace);
  return `import ${percent(total).trim()} ${fraction(total)}, ${blobs.done} of ${blobs.total} blobs${left === '' ? '' : `, ${left}`}`;
}

/** Whole percent, rounded down, so that 100 is said of what is there only. */
export function wholePercent(count: ByteCount): number {
  return Math.floor(shareOf(count) * 100);
}

function percent(count: ByteCount): string {
  return `${String(wholePercent(count)).padStart(3)} %`;
}

export function shareOf({ copied, had, total }: ByteCount): number {
  return total === 0 ? 1 : Math.min(1, Math.max(0, (copied + had) / total));
}

export function bar(share: number, size: number): string {
  const full = Math.floor(share * size);
  return `[${'#'.repeat(full)}${'.'.repeat(size - full)}]`;
}

/** `90.3 of 148.0 MB`: both in the larger one's unit. */
export function fraction({ copied, had, total }: ByteCount): string {
  const whole = formatSize(total);
  const unit = whole.split(' ')[1]!;
  const scale = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[unit]!;
  const part = (copied + had) / scale;
  return `${unit === 'B' ? part : part.toFixed(1)} of ${whole}`;
}

function speedAndRest(count: ByteCount, pace: Pace | undefined): string {
  if (pace === undefined || pace.speed < 1) return '';
  return `  ${formatSize(Math.round(pace.speed))}/s  ${rest(count, pace)}`;
}

function rest({ copied, had, total }: ByteCount, pace: Pace | undefined): string {
  if (pace === undefined || pace.speed < 1) return '';
  return `${duration(((total - copied - had) / pace.speed) * 1000)} left`;
}
