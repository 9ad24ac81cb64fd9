import { addText, addUnreadable, type Draft } from './draft.ts';
import { asArray, asObject, asText, type Json } from './json.ts';

// Reasoning of a chat message, under all the names that servers have given it. Several servers send the same reasoning
// twice, as a list of blocks and as one string: the blocks are taken, since they tell text from summary and ciphertext,
// and a later source with the same text is passed over. Different texts are both read.

interface Piece {
  readonly kind: 'reasoning' | 'reasoning_summary';
  readonly text: string;
  readonly path: string;
}

interface Source {
  readonly pieces: Piece[];
  readonly encrypted: string[];
  /** Blocks with a signature and no text. */
  readonly omitted: string[];
}

const STRING_KEYS = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_text'] as const;

const emptySource = (): Source => ({ pieces: [], encrypted: [], omitted: [] });

/** OpenRouter's `reasoning_details`. */
const fromDetails = (items: readonly unknown[], path: string): Source => {
  const source = emptySource();
  for (const [i, item] of items.entries()) {
    const detail = asObject(item);
    if (detail === null) continue;
    const at = `${path}/${i}`;
    const text = asText(detail.text);
    const summary = asText(detail.summary);
    if (text !== null) source.pieces.push({ kind: 'reasoning', text, path: `${at}/text` });
    if (summary !== null) source.pieces.push({ kind: 'reasoning_summary', text: summary, path: `${at}/summary` });
    if (text !== null || summary !== null) continue;
    if (asText(detail.data) !== null) source.encrypted.push(at);
    else source.omitted.push(at);
  }
  return source;
};

/** LiteLLM's `thinking_blocks`, and Langfuse's `thinking` and `redacted_thinking`. */
const fromBlocks = (items: readonly unknown[], path: string): Source => {
  const source = emptySource();
  for (const [i, item] of items.entries()) {
    const block = asObject(item);
    if (block === null) continue;
    const at = `${path}/${i}`;
    const key = asText(block.thinking) !== null ? 'thinking' : 'content';
    const text = asText(block[key]);
    const summary = asText(block.summary);
    if (block.type === 'redacted_thinking') {
      source.encrypted.push(at);
      continue;
    }
    if (text !== null) source.pieces.push({ kind: 'reasoning', text, path: `${at}/${key}` });
    if (summary !== null) source.pieces.push({ kind: 'reasoning_summary', text: summary, path: `${at}/summary` });
    if (text === null && summary === null) source.omitted.push(at);
  }
  return source;
};

const sourcesOf = (message: Json, path: string): Source[] => {
  const sources: Source[] = [];
  if (Array.isArray(message.reasoning_details)) {
    sources.push(fromDetails(message.reasoning_details, `${path}/reasoning_details`));
  }
  for (const key of ['thinking_blocks', 'thinking', 'redacted_thinking']) {
    const blocks = asArray(message[key]);
    if (blocks.length > 0) sources.push(fromBlocks(blocks, `${path}/${key}`));
  }
  for (const key of STRING_KEYS) {
    const text = asText(message[key]);
    if (text !== null) {
      sources.push({ pieces: [{ kind: 'reasoning', text, path: `${path}/${key}` }], encrypted: [], omitted: [] });
    }
  }
  return sources;
};

/** Text without its white space: servers join blocks with none, one or two line breaks. */
const essence = (source: Source): string => source.pieces.map((piece) => piece.text.replace(/\s+/g, '')).join('');

/** Adds whatever reasoning the message carries beside its content. */
export const readMessageReasoning = (draft: Draft, message: Json, path: string): void => {
  const sources = sourcesOf(message, path);
  const inner = asObject(message.provider_specific_fields);
  if (inner !== null) sources.push(...sourcesOf(inner, `${path}/provider_specific_fields`));
  if (sources.length === 0) return;

  const seen = new Set<string>();
  let read = false;
  for (const source of sources) {
    if (sources.length > 1) {
      const text = essence(source);
      if (seen.has(text)) {
        for (const piece of source.pieces) draft.known.add(piece.path);
        continue;
      }
      seen.add(text);
    }
    for (const piece of source.pieces) read = addText(draft, piece.kind, piece.text, piece.path) || read;
  }
  for (const source of sources) for (const at of source.encrypted) draft.known.add(`${at}/data`);
  // The same ciphertext is sent twice as well: the first list that has some is counted.
  for (const at of sources.find((source) => source.encrypted.length > 0)?.encrypted ?? []) {
    addUnreadable(draft, 'encrypted', at);
    read = true;
  }
  if (read) return;
  for (const at of sources.find((source) => source.omitted.length > 0)?.omitted ?? []) {
    addUnreadable(draft, 'omitted', at);
  }
};
