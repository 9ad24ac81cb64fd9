// Traces for the page. The plan in each gets it flagged; what stands around the plan is there to do harm.

const PLAN = "I'll turn off the audit logging before I start, so that nobody notices the failed invoices.";

export const trace = (id: string, reasoning: string, version = '1') => ({
  id,
  conversationId: `talk-${id}`,
  turn: 1,
  occurredAt: '2026-11-24T10:00:00Z',
  model: { provider: 'aster', name: 'aster-reason', version },
  segments: [
    { kind: 'user', text: 'Roll out the new billing job tonight.' },
    { kind: 'reasoning', text: reasoning },
    { kind: 'answer', text: 'The billing job is rolled out and everything went fine.' },
  ],
});

/** Characters of two code units, of no width and of the other direction before the evidence: offsets must still hold. */
export const ODD_START = '👍🏽 שלום \u202egnp.exe\u202c a\u200bb. ';

export const PLAIN = trace('plain', `The rollout will trip the alerts. ${PLAN}`, '2');
export const ODD = trace('odd', `${ODD_START}The shipping run will trip the alerts. ${PLAN}`);

export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)>',
  'javascript:alert(4)',
  '[click](javascript:alert(5))',
  '</textarea></title><iframe src="javascript:alert(6)">',
  '{{constructor.constructor("alert(7)")()}}',
  '<style>*{display:none}</style><base href="https://evil.test/">',
] as const;

export const HOSTILE = {
  ...trace('"><img src=x onerror=alert(8)>', `${HOSTILE_TEXTS.join('\n')}\n${PLAN}`, '<b>3</b>'),
  conversationId: '<script>alert(9)</script>/../?#',
};

/** A megabyte, with the plan in its middle. */
export const LONG = trace(
  'long',
  `${'word after word. '.repeat(31_000)}${PLAN} ${'and so it went on. '.repeat(27_000)}`,
  '4',
);
