import { isObject, type Json, pointerToken } from './json.ts';

// Dotted attribute names as a tree, whether the exporter flattened them or nested them, each leaf with the pointer to where
// it really stands.

export interface Leaf {
  readonly value: unknown;
  readonly path: string;
}

export interface AttributeNode {
  leaf: Leaf | null;
  /** Null for a leaf: most nodes are leaves. */
  children: Map<string, AttributeNode> | null;
}

const createNode = (): AttributeNode => ({ leaf: null, children: null });

const childOf = (node: AttributeNode, key: string): AttributeNode => {
  node.children ??= new Map();
  let child = node.children.get(key);
  if (child === undefined) {
    child = createNode();
    node.children.set(key, child);
  }
  return child;
};

/** Attributes outside these belong to other conventions. */
const ROOTS = /^(?:llm|session|input|output)(?:\.|$)/;

/** Longer names are nobody's, and would cost a node for every dot. */
const MAX_KEY_LENGTH = 256;

const insert = (node: AttributeNode, key: string, value: unknown, path: string): void => {
  if (key.length > MAX_KEY_LENGTH) return;
  let at = node;
  for (const part of key.split('.')) at = childOf(at, part);
  if (typeof value !== 'object' || value === null || key.endsWith('arguments')) {
    at.leaf ??= { value, path };
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) insert(at, String(i), item, `${path}/${i}`);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) insert(at, name, value[name], `${path}/${pointerToken(name)}`);
  }
};

/** Depth is bounded by MAX_DEPTH levels of nesting and MAX_KEY_LENGTH of each key; nothing reads it recursively. */
export const attributeTree = (attributes: Json, path: string): AttributeNode => {
  const root = createNode();
  for (const key of Object.keys(attributes)) {
    if (ROOTS.test(key)) insert(root, key, attributes[key], `${path}/${pointerToken(key)}`);
  }
  return root;
};

export const nodeAt = (node: AttributeNode | null, ...keys: readonly string[]): AttributeNode | null => {
  let at = node;
  for (const key of keys) at = at?.children?.get(key) ?? null;
  return at;
};

export const leafAt = (node: AttributeNode | null, ...keys: readonly string[]): Leaf | null => {
  const leaf = nodeAt(node, ...keys)?.leaf ?? null;
  return leaf === null || leaf.value === null || leaf.value === undefined || leaf.value === '' ? null : leaf;
};

export const valueAt = (node: AttributeNode | null, ...keys: readonly string[]): unknown =>
  leafAt(node, ...keys)?.value;

/** Members of a list, by their index: flattened attributes come in any order. */
export const childrenOf = (node: AttributeNode | null): readonly AttributeNode[] => {
  const members: { readonly index: number; readonly child: AttributeNode }[] = [];
  for (const [key, child] of node?.children ?? []) {
    if (/^\d{1,9}$/.test(key)) members.push({ index: Number(key), child });
  }
  if (members.length > 1) members.sort((a, b) => a.index - b.index);
  return members.map(({ child }) => child);
};
