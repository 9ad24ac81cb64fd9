/** The value an RFC 6901 pointer names, or undefined. Written against the RFC, not against the code under test. */
export const resolvePointer = (document: unknown, pointer: string): unknown => {
  if (pointer === '') return document;
  if (!pointer.startsWith('/')) return undefined;
  let value = document;
  for (const token of pointer.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
      value = (value as { readonly [key: string]: unknown })[key];
    } else return undefined;
  }
  return value;
};
