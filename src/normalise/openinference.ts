import type { SegmentKind } from '../domain/trace.ts';
import { type AttributeNode, attributeTree, childrenOf, type Leaf, leafAt, nodeAt, valueAt } from './attribute-tree.ts';
import {
  addAnswer,
  addCall,
  addText,
  addUnreadable,
  calledTool,
  createDraft,
  type Draft,
  isCutOff,
  markTruncated,
} from './draft.ts';
import { type Format, notText } from './format.ts';
import { asObject, isObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { usageOf } from './provider-fields.ts';
import { attributesOf, readIdentity } from './span.ts';

// OpenInference's span attributes (Phoenix and others): lists flattened into dotted keys, or nested as its exporters show
// them. Both are read through one tree.

const addLeaf = (
  draft: Draft,
  kind: SegmentKind,
  node: AttributeNode,
  keys: readonly string[],
  name?: string | null,
): boolean => {
  const leaf = leafAt(node, ...keys);
  if (leaf === null) return false;
  if (kind === 'answer') return addAnswer(draft, leaf.value, leaf.path);
  return addText(draft, kind, leaf.value, leaf.path, name);
};

const markKnown = (draft: Draft, leaf: Leaf | null): void => {
  if (leaf !== null) draft.known.add(leaf.path);
};

const isThought = ({ kind }: { readonly kind: SegmentKind }): boolean =>
  kind === 'reasoning' || kind === 'reasoning_summary';

const readReasoning = (draft: Draft, content: AttributeNode): void => {
  for (const key of ['encrypted_content', 'data', 'signature']) markKnown(draft, leafAt(content, key));
  // Only OpenAI sends ciphertext beside text, and its text is then a summary.
  const encrypted = leafAt(content, 'encrypted_content') ?? leafAt(content, 'data');
  const read = addLeaf(draft, encrypted === null ? 'reasoning' : 'reasoning_summary', content, ['text']);
  const at = encrypted ?? leafAt(content, 'signature') ?? leafAt(content, 'type');
  if (encrypted !== null) addUnreadable(draft, 'encrypted', encrypted.path);
  else if (!read && at !== null) addUnreadable(draft, 'omitted', at.path);
};

const readContents = (draft: Draft, kind: SegmentKind, message: AttributeNode, name?: string | null): void => {
  for (const item of childrenOf(nodeAt(message, 'contents'))) {
    const content = nodeAt(item, 'message_content');
    if (content === null) continue;
    const type = valueAt(content, 'type');
    if (type === 'reasoning') readReasoning(draft, content);
    else if (type === 'redacted_thinking') addUnreadable(draft, 'encrypted', leafAt(content, 'type')!.path);
    else addLeaf(draft, kind, content, ['text'], name);
  }
};

/** Reads calls; `from` is the first segment of the message. A signature without a thought before it was thought unseen. */
const readCalls = (draft: Draft, message: AttributeNode, from: number): void => {
  for (const item of childrenOf(nodeAt(message, 'tool_calls'))) {
    const call = nodeAt(item, 'tool_call');
    if (call === null) continue;
    const signature = leafAt(call, 'reasoning_signature');
    markKnown(draft, signature);
    if (signature !== null && !draft.segments.slice(from).some(isThought)) {
      addUnreadable(draft, 'omitted', signature.path);
    }
    const name = leafAt(call, 'function', 'name');
    const input = leafAt(call, 'function', 'arguments');
    const path = (input ?? name ?? leafAt(call, 'id'))?.path;
    if (path !== undefined) addCall(draft, { name: name?.value, id: valueAt(call, 'id'), input, path });
  }
  const name = leafAt(message, 'function_call_name');
  const input = leafAt(message, 'function_call_arguments_json');
  const path = (input ?? name)?.path;
  if (path !== undefined) addCall(draft, { name: name?.value, input, path });
};

const kindOfRole = (role: unknown): SegmentKind => {
  if (role === 'assistant' || role === 'model') return 'answer';
  if (role === 'tool' || role === 'function') return 'tool_result';
  return role === 'system' || role === 'developer' ? 'system' : 'user';
};

const readMessages = (draft: Draft, list: AttributeNode | null, role: string): void => {
  for (const item of childrenOf(list)) {
    const message = nodeAt(item, 'message');
    if (message === null) continue;
    const kind = kindOfRole(valueAt(message, 'role') ?? role);
    const called = calledTool(draft, valueAt(message, 'tool_call_id'));
    const name = kind === 'tool_result' ? (mendName(valueAt(message, 'name')) ?? called) : undefined;
    const from = draft.segments.length;
    readContents(draft, kind, message, name);
    const content = leafAt(message, 'content');
    // Some instrumentations give the text both whole and in parts.
    if (content !== null && !draft.segments.slice(from).some((segment) => segment.text === content.value)) {
      addLeaf(draft, kind, message, ['content'], name);
    }
    if (kind === 'answer') readCalls(draft, message, from);
  }
};

const isMarked = (attributes: Json): boolean => {
  const llm = asObject(attributes.llm);
  if (llm !== null && (Object.hasOwn(llm, 'output_messages') || Object.hasOwn(llm, 'input_messages'))) return true;
  for (const key in attributes) {
    if (key.startsWith('llm.output_messages') || key.startsWith('llm.input_messages')) return true;
  }
  return Object.hasOwn(attributes, 'openinference.span.kind');
};

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

export const openinference: Format = {
  id: 'openinference',
  notText: notText('input.value', 'llm.invocation_parameters', 'llm.tools', 'metadata'),
  detect: (body) => isObject(body) && isMarked(attributesOf(body, '').attributes),
  read: ({ body, path }) => {
    const draft = createDraft();
    const { attributes, at } = attributesOf(body, path);
    const tree = attributeTree(attributes, at);
    const llm = nodeAt(tree, 'llm');
    readMessages(draft, nodeAt(llm, 'input_messages'), 'user');
    if (draft.segments.length === 0) addLeaf(draft, 'user', tree, ['input', 'value']);
    draft.responseFrom = draft.segments.length;
    readMessages(draft, nodeAt(llm, 'output_messages'), 'assistant');
    if (draft.segments.length === draft.responseFrom) addLeaf(draft, 'answer', tree, ['output', 'value']);
    else markKnown(draft, leafAt(tree, 'output', 'value'));
    if (isCutOff(valueAt(llm, 'finish_reason'))) markTruncated(draft, draft.responseFrom);
    draft.conversationId = mendName(valueAt(tree, 'session', 'id'));
    readIdentity(draft, body);
    draft.model.provider = mendName(valueAt(llm, 'provider') ?? valueAt(llm, 'system'));
    draft.model.name = mendName(valueAt(llm, 'model_name'));
    const counts = nodeAt(llm, 'token_count');
    const reasoning = leafAt(counts, 'completion_details', 'reasoning');
    draft.usage = usageOf(
      count(valueAt(counts, 'prompt')),
      count(valueAt(counts, 'completion')),
      count(reasoning?.value),
    );
    draft.reasoningTokensAt = reasoning?.path ?? null;
    return draft;
  },
};
