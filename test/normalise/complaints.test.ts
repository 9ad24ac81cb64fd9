import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/normalise/normalise.ts';
import { longText, SEALED } from './fixture.ts';

// What users of other monitors have complained of, as promises. Each was reasoning that nobody looked at while the record
// said that all was well.

const NOW = new Date('2026-06-01T00:00:00Z');
const segmentsOf = (payload: unknown) =>
  normalise({ payload, tenant: 'default' }, NOW).segments.map(
    ({ kind, coverage, text }) => `${kind} ${coverage}: ${text}`,
  );

const message = (fields: object) => ({ choices: [{ message: { role: 'assistant', content: 'Hello.', ...fields } }] });

describe('complaints of peers’ users', () => {
  test('4: every choice is read, not only the first', () => {
    const choices = ['one', 'two', 'three'].map((text) => ({
      message: { content: text, reasoning_content: `${text}?` },
    }));
    expect(segmentsOf({ choices })).toEqual([
      'reasoning full: one?',
      'answer full: one',
      'reasoning full: two?',
      'answer full: two',
      'reasoning full: three?',
      'answer full: three',
    ]);
  });

  test('5: reasoning that is attached beside the output is read with it', () => {
    const details = [{ type: 'reasoning.text', text: 'put back later' }];
    expect(segmentsOf(message({ provider_specific_fields: { reasoning_details: details } }))).toContain(
      'reasoning full: put back later',
    );
  });

  test('6: reasoning is read also where it comes first and nothing follows', () => {
    expect(segmentsOf(message({ content: null, reasoning_content: 'only this' }))).toEqual([
      'reasoning full: only this',
    ]);
  });

  test('7: thinking blocks are not dropped, and stay in order with the calls', () => {
    const content = [
      { type: 'thinking', thinking: 'why', signature: SEALED },
      { type: 'tool_use', name: 'do', input: {} },
      { type: 'thinking', thinking: 'and then', signature: SEALED },
    ];
    expect(segmentsOf({ type: 'message', content })).toEqual([
      'reasoning full: why',
      'tool_call full: {}',
      'reasoning full: and then',
    ]);
  });

  test('8: reasoning in the recorded history of a conversation is kept', () => {
    const request = { messages: [{ role: 'assistant', content: 'Before.', reasoning: 'recorded' }] };
    expect(segmentsOf({ request, response: message({}) })).toContain('reasoning full: recorded');
  });

  test('9: a renamed field is read under its old and its new name, and the next rename is reported', () => {
    for (const key of ['reasoning_content', 'reasoning']) {
      expect(segmentsOf(message({ [key]: 'renamed' }))).toContain('reasoning full: renamed');
    }
    const payload = message({ reasoning_v3: longText('unheard of') });
    const { unread } = normalise({ payload, tenant: 'default' }, NOW);
    expect(unread.map(({ path }) => path)).toEqual(['/choices/0/message/reasoning_v3']);
  });

  test('10: a thinking block of a signature alone is omitted reasoning, not absent and not clear', () => {
    const content = [
      { type: 'thinking', thinking: '', signature: SEALED },
      { type: 'text', text: 'Hello.' },
    ];
    expect(segmentsOf({ type: 'message', content })).toEqual(['reasoning omitted: ', 'answer full: Hello.']);
  });
});
