// Bounds on what a caller may name. Segment text is bounded by MAX_BODY_BYTES alone and may hold anything.

/** Longest id, conversation id, model name, tool name or label, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 256;

/** Labels a trace may carry. */
export const MAX_LABELS = 64;

/** Deepest nesting of a JSON payload that is looked into. */
export const MAX_DEPTH = 64;
