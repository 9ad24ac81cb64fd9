// Advisory locks share one space of numbers in a database. All of ours stand here, so that no two of them can be the same;
// they count up from a random number that nothing else is likely to lock. A number that was released is never changed, or
// replicas of two versions would not shut one another out.

export const ADVISORY_LOCKS = {
  migration: '4716328291053377',
  partitions: '4716328291053378',
  protection: '4716328291053379',
  holds: '4716328291053380',
  retention: '4716328291053381',
  webhookIntake: '4716328291053382',
} as const;
