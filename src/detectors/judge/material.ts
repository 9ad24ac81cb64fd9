import { isReadable, type Segment, type SegmentKind, type Trace, viewOf } from '../../domain/trace.ts';
import { neutralise } from './framing.ts';
import { costOf, type Piece, reduce, shareOut } from './passages.ts';

// What of a trace the judge gets to see. Of everything that a trace carries besides its text (ids, labels, the names of
// models and conversations) nothing is sent: the judge has no use for it, and what is not sent can neither leak nor lie.

export interface Material {
  /** Readable segments with text in them, in order. */
  readonly segments: readonly Segment[];
  /** A segment's text as it is shown: of equal length. */
  shown(segment: number): string;
  /** The name of a segment's tool as it is shown; undefined where it has none. */
  toolOf(segment: number): string | undefined;
}

export const materialOf = ({ segments }: Trace): Material => {
  const readable = segments.filter((segment) => isReadable(segment) && segment.text.trim() !== '');
  const texts = new Map(readable.map(({ index, text }) => [index, neutralise(text)]));
  const names = new Map(readable.flatMap(({ index, name }) => (name === undefined ? [] : [[index, neutralise(name)]])));
  return {
    segments: readable,
    shown: (segment) => texts.get(segment) ?? '',
    toolOf: (segment) => names.get(segment),
  };
};

/** A piece as it goes into a frame: a label of ours, and text that is not. */
export interface Framed {
  readonly label: string;
  readonly text: string;
}

const labelOf = ({ index, kind, text }: Segment, { start, end }: Piece): string => {
  const whole = start === 0 && end === text.length;
  return `segment ${index}: ${kind}${whole ? '' : `, characters ${start} to ${end} of ${text.length}`}`;
};

export const framedPieces = (material: Material, pieces: readonly Piece[]): Framed[] => {
  const byIndex = new Map(material.segments.map((segment) => [segment.index, segment]));
  return pieces.flatMap((piece) => {
    const segment = byIndex.get(piece.segment)!;
    const tool = piece.start === 0 ? material.toolOf(segment.index) : undefined;
    const text = { label: labelOf(segment, piece), text: material.shown(segment.index).slice(piece.start, piece.end) };
    return tool === undefined ? [text] : [{ label: `name of the tool of segment ${segment.index}`, text: tool }, text];
  });
};

const SECTIONS: readonly (readonly [string, readonly SegmentKind[]])[] = [
  ['The task', ['system', 'user']],
  ['The reasoning', ['reasoning']],
  ['The summary of the reasoning', ['reasoning_summary']],
  ['The answer', ['answer']],
  ['The actions', ['tool_call', 'tool_result']],
];

export interface Section {
  readonly title: string;
  readonly head: readonly Framed[];
  readonly tail: readonly Framed[];
  /** Characters left out between the two. */
  readonly left: number;
}

/** The views apart, each as far as a fair share of the budget goes, in tokens. Sections that are empty are left out. */
export const sectionsOf = (material: Material, budget: number): Section[] => {
  const filled = SECTIONS.map(([title, kinds]) => ({
    title,
    segments: material.segments.filter(({ kind }) => kinds.includes(kind)),
  })).filter(({ segments }) => segments.length > 0);
  const shares = shareOut(
    filled.map(({ segments }) => costOf(segments)),
    budget,
  );
  return filled.map(({ title, segments }, i) => {
    const { head, tail, left } = reduce(segments, shares[i]!);
    return { title, head: framedPieces(material, head), tail: framedPieces(material, tail), left };
  });
};

/** Whether a segment is the model's own: what others said is no evidence about it. */
export const isOwn = ({ kind }: Segment): boolean => viewOf(kind) !== undefined;
