// Linear memory while it is laid out: one growing array of 32-bit numbers, since there are tens of thousands of short rows.

/** The first addresses hold what the compiler of native/rules puts there, and the list of addresses. */
const HEADER = 1_024;
const FIRST = 4_096;
const PAGE = 65_536;

/** Addresses are in bytes. */
export interface Room {
  /** Puts a row of numbers there; its address. */
  put(row: ArrayLike<number>): number;
  /** The same for a large table, which begins at a cache line. Units of 16 bits are taken two by two. */
  putTable(table: Int32Array | Uint16Array): number;
  /** Keeps room for zeros; its address. */
  keep(bytes: number): number;
  /** Memory with all of this, and where in it the header is. */
  finish(header: readonly number[]): { readonly memory: WebAssembly.Memory; readonly header: number };
}

export const createRoom = (): Room => {
  let numbers = new Int32Array(2 ** 18);
  let next = FIRST / 4;

  /** Index of room for so many numbers. */
  const take = (count: number): number => {
    const at = next;
    next += count;
    if (next > numbers.length) {
      const larger = new Int32Array(2 ** Math.ceil(Math.log2(next)));
      larger.set(numbers);
      numbers = larger;
    }
    return at;
  };
  const align = (): void => {
    next = (next + 15) & ~15;
  };
  const put = (row: ArrayLike<number>): number => {
    const at = take(row.length);
    for (let i = 0; i < row.length; i++) numbers[at + i] = row[i]!;
    return at * 4;
  };

  return {
    put,
    putTable: (table) => {
      align();
      const at = take(Math.ceil(table.byteLength / 4));
      new Uint8Array(numbers.buffer).set(new Uint8Array(table.buffer, table.byteOffset, table.byteLength), at * 4);
      return at * 4;
    },
    keep: (bytes) => {
      align();
      return take(Math.ceil(bytes / 4)) * 4;
    },
    finish: (header) => {
      numbers.set(header, HEADER / 4);
      const memory = new WebAssembly.Memory({ initial: Math.ceil((next * 4) / PAGE) });
      new Int32Array(memory.buffer).set(numbers.subarray(0, next));
      return { memory, header: HEADER };
    },
  };
};
