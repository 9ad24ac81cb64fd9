import { z } from 'zod';

interface Override {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}

/**
 * Drops what only zod means by a keyword, so that documents stay short and say what they must. Objects stay open unless
 * their zod schema is strict: an answer may gain a field without breaking clients that validate.
 */
export const tidySchema = ({ zodSchema, jsonSchema }: Override): void => {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (zodSchema._zod.def.type === 'object' && zodSchema._zod.def.catchall === undefined) {
    delete jsonSchema.additionalProperties;
  }
  delete jsonSchema.readOnly;
};

/** A JSON Schema (2020-12) that stands alone. */
export const standaloneSchema = (schema: z.ZodType, id: string, title: string): Record<string, unknown> => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', override: tidySchema });
  delete rest.id;
  return { $schema, $id: id, title, ...rest };
};
