// Chance that a seed repeats: the same seed gives the same faults in the same order.
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low, high) {
    return low + this.next() * (high - low);
  }

  /** Both ends may come. */
  integer(low, high) {
    return Math.floor(this.between(low, high + 1));
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.integer(0, list.length - 1)];
  }

  /** @param {[unknown, number][]} weighted value and weight */
  pickWeighted(weighted) {
    let rest = this.next() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of weighted) {
      rest -= weight;
      if (rest < 0) return value;
    }
    return weighted.at(-1)[0];
  }

  /** `count` different ones. */
  sample(list, count) {
    const rest = [...list];
    return Array.from({ length: count }, () => rest.splice(this.integer(0, rest.length - 1), 1)[0]);
  }

  /** A generator of its own, so that who asks first does not change what the others get. */
  fork() {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
