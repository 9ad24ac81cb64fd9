import { standaloneSchema } from './json-schema.ts';
import { alertSchema } from './schemas/alert.ts';
import { conversationAlertSchema } from './schemas/conversation-risk.ts';
import { traceSchema } from './schemas/trace.ts';
import { verdictEventSchema } from './schemas/verdict-event.ts';

/** JSON Schemas of what stands on the Kafka topics, by file name under openapi/events/. */
export const eventSchemas = (): Readonly<Record<string, object>> => ({
  'trace.v1.schema.json': standaloneSchema(traceSchema, 'cot-monitor:trace.v1', 'Trace'),
  'alert.v1.schema.json': standaloneSchema(alertSchema, 'cot-monitor:alert.v1', 'Alert'),
  'conversation-alert.v1.schema.json': standaloneSchema(
    conversationAlertSchema,
    'cot-monitor:conversation-alert.v1',
    'ConversationAlert',
  ),
  'verdict.v1.schema.json': standaloneSchema(verdictEventSchema, 'cot-monitor:verdict.v1', 'Verdict'),
});
