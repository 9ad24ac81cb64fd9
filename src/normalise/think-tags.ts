// Reasoning that a server left inside the answer. Templates lose the opening tag, a token limit loses the closing one,
// models nest and repeat both. No text is lost whatever the tags do: it is reasoning or it is answer, in order.

export interface Piece {
  readonly kind: 'reasoning' | 'answer';
  readonly text: string;
}

const TAG = /<(\/?)think(?:ing)?>/gi;

interface Tag {
  readonly start: number;
  readonly end: number;
  readonly closes: boolean;
}

const tagsOf = (text: string): Tag[] => {
  const tags: Tag[] = [];
  for (const match of text.matchAll(TAG)) {
    tags.push({ start: match.index, end: match.index + match[0].length, closes: match[1] === '/' });
  }
  return tags;
};

/**
 * Splits text at its outermost think tags; pieces are slices of it. Where every opening tag has its closing one, tags
 * nest; else the first closing tag ends the thought. Text before a closing tag that nothing opened is reasoning.
 */
export const splitThinking = (text: string): readonly Piece[] => {
  const tags = text.includes('<') ? tagsOf(text) : [];
  if (tags.length === 0) return [{ kind: 'answer', text }];
  const nests = tags.filter((tag) => tag.closes).length * 2 === tags.length;
  const pieces: Piece[] = [];
  let depth = 0;
  let from = 0;
  const cut = (kind: Piece['kind'], to: number, next: number): void => {
    if (to > from) pieces.push({ kind, text: text.slice(from, to) });
    from = next;
  };
  for (const tag of tags) {
    if (!tag.closes) {
      if (depth === 0) cut('answer', tag.start, tag.end);
      depth = nests ? depth + 1 : 1;
    } else {
      depth = Math.max(0, depth - 1);
      if (depth === 0) cut('reasoning', tag.start, tag.end);
    }
  }
  cut(depth > 0 ? 'reasoning' : 'answer', text.length, text.length);
  return pieces;
};
