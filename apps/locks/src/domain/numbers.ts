// Tickets and fences come from one rising series, so a later one is always higher, on every key.

export interface Numbers {
  /** The next number of the series. Throws when more are taken than were issued, which is a bug of the caller. */
  take(): number;
}

export function numbersFrom(first: number, count: number): Numbers {
  let taken = 0;
  return {
    take() {
      if (taken >= count) throw new Error(`all ${count} numbers that were issued are taken`);
      taken += 1;
      return first + taken - 1;
    },
  };
}

/** Higher than any that will be issued: to find out whether a decision would change anything at all. */
export function provisionalNumbers(): Numbers {
  return numbersFrom(2 ** 52, 2 ** 52);
}
