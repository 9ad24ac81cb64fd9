// What the parts say of themselves, gathered for /readyz and /livez. Readiness is what this role cannot do without;
// liveness is the process's own progress: a database that blinks must not restart every replica.

export interface PartHealth {
  readonly ok: boolean;
  /** Why not; safe to show. */
  readonly reason?: string;
}

export interface HealthSource {
  readonly name: string;
  /** Whether the service is not ready without it (503), or only degraded (200). */
  readonly required: boolean;
  readonly check: () => PartHealth;
}

export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unavailable';
  readonly parts: Readonly<Record<string, PartHealth>>;
}

export interface Liveness {
  readonly status: 'live' | 'stalled';
  readonly reasons: readonly string[];
}

export interface Health {
  readonly readiness: () => Readiness;
  readonly liveness: () => Liveness;
}

export const createHealth = (parts: readonly HealthSource[], progress: readonly HealthSource[]): Health => ({
  readiness: () => {
    const seen = parts.map((part) => ({ part, health: part.check() }));
    const down = seen.filter(({ health }) => !health.ok);
    const unavailable = down.some(({ part }) => part.required);
    return {
      status: unavailable ? 'unavailable' : down.length > 0 ? 'degraded' : 'ready',
      parts: Object.fromEntries(seen.map(({ part, health }) => [part.name, health])),
    };
  },
  liveness: () => {
    const stalled = progress.map((p) => ({ name: p.name, health: p.check() })).filter(({ health }) => !health.ok);
    return {
      status: stalled.length > 0 ? 'stalled' : 'live',
      reasons: stalled.map(({ name, health }) => `${name}: ${health.reason ?? 'no progress'}`),
    };
  },
});
