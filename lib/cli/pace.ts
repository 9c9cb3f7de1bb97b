/** How far something was, and when (milliseconds). */
interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Over how much of the past a speed is measured, in milliseconds. */
const WINDOW = 5_000;

/** Bytes a second, over the last seconds, so that it neither jumps nor speaks of what is long past. */
export class PaceMeter {
  #samples: readonly Sample[] = [];

  /** Notes that so many bytes are there now. */
  note(bytes: number, at: number): void {
    const recent = this.#samples.filter((sample, index, all) => {
      const next = all[index + 1];
      // One sample from before the window stays: the speed is measured from there.
      return sample.at >= at - WINDOW || next === undefined || next.at >= at - WINDOW;
    });
    this.#samples = [...recent, { at, bytes }];
  }

  get speed(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
