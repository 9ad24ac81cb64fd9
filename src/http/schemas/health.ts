import { z } from 'zod';
import type { Liveness, Readiness } from '../../observe/health.ts';

export const livenessSchema = z
  .object({
    status: z.enum(['live', 'stalled']),
    reasons: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Liveness' }) satisfies z.ZodType<Liveness>;

export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'degraded', 'unavailable']),
    reasons: z.array(z.string()).readonly(),
    parts: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.string().exactOptional() })).readonly(),
  })
  .meta({ id: 'Readiness' }) satisfies z.ZodType<Readiness>;

export const readinessBody = (readiness: Readiness): z.output<typeof readinessSchema> => ({
  status: readiness.status,
  reasons: Object.entries(readiness.parts)
    .filter(([, part]) => !part.ok)
    .map(([name, part]) => `${name}: ${part.reason ?? 'down'}`),
  parts: readiness.parts,
});
