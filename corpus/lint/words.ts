// Words of a text, for the checks that count them.

/** Lower-cased runs of letters and digits; of scripts without spaces, runs are long and so seldom shared. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
