import { formatSize } from '../image/format-size.ts';
import type { CopyProgress } from '../import/progress.ts';
import {
  bar,
  barWidth,
  fraction,
  imageBars,
  type Pace,
  progressLine,
  shareOf,
  wholePercent,
} from './import-bars.ts';
import { PaceMeter } from './pace.ts';
import type { Terminal } from './terminal.ts';

/** How often a terminal is drawn anew, and how often a log gets a line, in milliseconds. */
const DRAW_EVERY = 200;
const TELL_EVERY = 10_000;

/** One image that is on its way. */
export interface Running {
  /** Is told how far the copy is. */
  readonly onProgress: (progress: CopyProgress) => void;
  end(): void;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of how many images; left out where it is one. */
  readonly images?: number;
}

interface Entry {
  readonly label: string;
  readonly began: number;
  readonly target: string;
  progress?: CopyProgress;
  readonly paces: Map<string, PaceMeter>;
}

/** What `import` shows while it runs: bars on a terminal, else a line every ten seconds. */
export class ImportProgress {
  readonly #options: ProgressOptions;
  readonly #running = new Set<Entry>();
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #moved = 0;
  #told: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#told = options.now();
    this.#timer = setInterval(() => this.#tick(), DRAW_EVERY);
    this.#timer.unref();
  }

  /** `label` is what a person calls the image, `target` the registry that it goes to. */
  begin(label: string, target: string): Running {
    const entry: Entry = { label, target, began: this.#options.now(), paces: new Map() };
    this.#running.add(entry);
    return {
      onProgress: progress => {
        entry.progress = progress;
      },
      end: () => {
        this.#running.delete(entry);
        this.#done += 1;
        this.#moved += entry.progress?.total.copied ?? 0;
      },
    };
  }

  /** Whole percent of the only image, as far as it is known. */
  get percent(): number | undefined {
    const [entry] = this.#running;
    return entry?.progress && wholePercent(entry.progress.total);
  }

  /** Draws once more what was reached, and leaves it there. */
  finish(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#options.terminal.keep();
  }

  /** Takes away what is shown. */
  clear(): void {
    clearInterval(this.#timer);
    this.#options.terminal.live([]);
  }

  #tick(): void {
    const { terminal, now } = this.#options;
    for (const entry of this.#running) this.#measure(entry);
    if (terminal.animated) this.#draw();
    else if (now() - this.#told >= TELL_EVERY) {
      this.#told = now();
      for (const line of this.#lines()) terminal.note(line);
    }
  }

  #measure({ progress, paces }: Entry): void {
    if (progress === undefined) return;
    const at = this.#options.now();
    const note = (name: string, bytes: number): void => {
      const meter = paces.get(name) ?? new PaceMeter();
      paces.set(name, meter);
      meter.note(bytes, at);
    };
    for (const { digest, copied } of progress.images) note(digest, copied);
    note('total', progress.total.copied);
  }

  #draw(): void {
    const { terminal, images } = this.#options;
    terminal.live(images === undefined ? this.#imageBars() : this.#manyBars(images));
  }

  #imageBars(): readonly string[] {
    const [entry] = this.#running;
    if (entry === undefined) return [];
    const { progress, paces, label } = entry;
    if (progress === undefined || progress.phase === 'reading') return [`reading ${label} ...`];
    if (progress.phase === 'fetching-itself') return [this.#fetching(entry)];
    return imageBars(progress, paces as ReadonlyMap<string, Pace>, this.#options.terminal.columns);
  }

  #manyBars(images: number): readonly string[] {
    const size = barWidth(this.#options.terminal.columns);
    const rows = [...this.#running].map(({ label, progress, paces }) => {
      if (progress === undefined) return [label, 'reading ...'] as const;
      const { total } = progress;
      const speed = paces.get('total')?.speed ?? 0;
      const fast = speed < 1 ? '' : `  ${formatSize(Math.round(speed))}/s`;
      const drawn = bar(shareOf(total), size);
      return [
        label,
        `${drawn} ${String(wholePercent(total)).padStart(3)} %  ${fraction(total)}${fast}`,
      ] as const;
    });
    const width = Math.max(16, ...rows.map(([label]) => label.length + 2));
    const share = Math.floor((this.#done / images) * 100);
    return [
      ...rows.map(([label, row]) => `${label.padEnd(width)}${row}`),
      `${'total'.padEnd(width)}${bar(images === 0 ? 1 : this.#done / images, size)} ${String(share).padStart(3)} %  ${this.#done} of ${images} images`,
    ];
  }

  #lines(): readonly string[] {
    const { images } = this.#options;
    if (images !== undefined) {
      const moved = [...this.#running].reduce(
        (sum, { progress }) => sum + (progress?.total.copied ?? 0),
        this.#moved,
      );
      const share = Math.floor((this.#done / images) * 100);
      return [`import ${share} % ${this.#done} of ${images} images, ${formatSize(moved)} moved`];
    }
    const [entry] = this.#running;
    if (entry === undefined) return [];
    const { progress, label, paces } = entry;
    if (progress === undefined || progress.phase === 'reading') return [`reading ${label} ...`];
    return [
      progress.phase === 'fetching-itself'
        ? this.#fetching(entry)
        : progressLine(progress, paces.get('total')),
    ];
  }

  #fetching({ target, began }: Entry): string {
    const seconds = Math.round((this.#options.now() - began) / 1000);
    return `${target} is fetching it itself (import job), ${seconds} s`;
  }
}
