import type { SegmentKind } from '../../domain/trace.ts';

type Take = (key: string, kind: SegmentKind, text: string) => void;

const TAG = /<(\/?)think(?:ing)?>/i;

const TAGS = ['<think>', '<thinking>', '</think>', '</thinking>'];

const mayBecomeTag = (text: string): boolean => {
  const lower = text.toLowerCase();
  return TAGS.some((tag) => tag.startsWith(lower));
};

/**
 * Tells thoughts that stand in an answer between think tags from the answer, also where a tag is cut in two. Good enough
 * to look at a stream; what the text was is decided when it is whole.
 */
export const tellThinking = (take: Take): Take => {
  const open = new Map<string, { inside: boolean; rest: string }>();
  return (key, kind, text) => {
    if (kind !== 'answer') {
      take(key, kind, text);
      return;
    }
    const state = open.get(key) ?? { inside: false, rest: '' };
    open.set(key, state);
    let left = state.rest + text;
    const say = (said: string): void => {
      if (said !== '') take(state.inside ? `${key}/think` : key, state.inside ? 'reasoning' : 'answer', said);
    };
    for (let tag = TAG.exec(left); tag !== null; tag = TAG.exec(left)) {
      say(left.slice(0, tag.index));
      state.inside = tag[1] === '';
      left = left.slice(tag.index + tag[0].length);
    }
    const last = left.lastIndexOf('<');
    const held = last >= 0 && mayBecomeTag(left.slice(last)) ? last : left.length;
    say(left.slice(0, held));
    state.rest = left.slice(held);
  };
};
