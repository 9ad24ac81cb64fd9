import { z } from 'zod';
import type { Delivery } from '../../record/webhooks/contract.ts';
import { instantSchema, nameSchema, otherTenantSchema, pageOf } from './primitives.ts';

export const deliverySchema = z
  .object({
    id: z.string().describe('The `webhook-id` header of the message.'),
    endpoint: z.string(),
    state: z.enum(['waiting', 'sent', 'dead']).describe('`dead`: given up, until somebody asks for another try.'),
    alerts: z.int().min(1).describe('How many alerts it tells of.'),
    attempts: z.int().min(0),
    createdAt: instantSchema,
    notBefore: instantSchema.describe('When it is tried next, where it waits.'),
    reason: z
      .string()
      .nullable()
      .describe(
        'Why the latest attempt failed: `status_` and the code, `timeout`, `forbidden_address` or an error code.',
      ),
  })
  .meta({ id: 'WebhookDelivery' });

export const deliveryPageSchema = pageOf(deliverySchema);

export const deliverySelectionSchema = z
  .strictObject({
    ids: z.array(nameSchema).min(1).max(1_000).optional().describe('Absent: all of the endpoint, or all.'),
    endpoint: nameSchema.optional(),
    tenant: otherTenantSchema,
  })
  .meta({ id: 'WebhookDeliverySelection', examples: [{ endpoint: 'oncall' }] });

export const changedSchema = z.object({ deliveries: z.int().min(0) }).meta({ id: 'WebhookDeliveriesChanged' });

export const deliveryBody = (delivery: Delivery): z.output<typeof deliverySchema> => ({
  ...delivery,
  createdAt: delivery.createdAt.toISOString(),
  notBefore: delivery.notBefore.toISOString(),
});
