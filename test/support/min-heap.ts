/** Gives the least of what is in it, by the order it was made with. */
export class MinHeap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get least(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    for (let child = this.#items.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#swapped(parent, child)) return;
      child = parent;
    }
  }

  pop(): T | undefined {
    const least = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return least;
    this.#items[0] = last;
    for (let parent = 0; ; ) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = right < this.#items.length && this.#isBefore(this.#items[right]!, this.#items[left]!);
      const lesser = child ? right : left;
      if (lesser >= this.#items.length || !this.#swapped(parent, lesser)) return least;
      parent = lesser;
    }
  }

  /** Puts the two into their order; false where they are in it. */
  #swapped(parent: number, child: number): boolean {
    const [above, below] = [this.#items[parent]!, this.#items[child]!];
    if (!this.#isBefore(below, above)) return false;
    this.#items[parent] = below;
    this.#items[child] = above;
    return true;
  }
}
