/** One message to one endpoint; migrations/ makes the table. */
export interface WebhookDeliveriesTable {
  id: string;
  tenant: string;
  endpoint: string;
  group_key: string;
  /** `waiting`, `sent` or `dead`. */
  state: string;
  /** JSON of AlertGroup; empty once it was sent. */
  body: string;
  alerts: number;
  attempts: number;
  created_at: Date;
  not_before: Date;
  window_until: Date;
  lease_until: Date | null;
  last_reason: string | null;
}
