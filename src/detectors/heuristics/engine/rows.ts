// Lists of numbers of different lengths, end to end in one typed array: the scanner's inner loops walk over thousands of
// them, and arrays of arrays would cost a cache miss each.

export interface Rows {
  /** Row i is values[starts[i]] to values[starts[i + 1]], exclusive. */
  readonly starts: Int32Array;
  readonly values: Int32Array;
}

/** @param count how many rows there are; rows missing at the end are empty */
export const packRows = (rows: readonly (readonly number[])[], count: number): Rows => {
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) starts[i + 1] = starts[i]! + (rows[i]?.length ?? 0);
  const values = new Int32Array(starts[count]!);
  for (let i = 0; i < count; i++) values.set(rows[i] ?? [], starts[i]!);
  return { starts, values };
};
