// Numbers and times as people read them. Times are shown in the reader's zone; the title of each has it in UTC.

const two = (n: number): string => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const dayOf = (at: Date): string => `${at.getDate()} ${MONTHS[at.getMonth()]}`;

/** `29 Nov 2026, 00:45` */
export const momentOf = (instant: string): string => {
  const at = new Date(instant);
  return `${dayOf(at)} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
};

/** As short as the row of a list allows. */
export const shortMoment = (instant: string, now: Date): string => {
  const at = new Date(instant);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return time;
  return at.getFullYear() === now.getFullYear() ? `${dayOf(at)}, ${time}` : `${dayOf(at)} ${at.getFullYear()}`;
};

export const count = (n: number): string => n.toLocaleString('en');

/** 11.8%, 1.39%, 0.18%, 0.009%: small rates keep the digits that tell them apart. */
export const percent = (share: number): string => {
  const value = share * 100;
  if (value === 0) return '0%';
  const size = Math.abs(value);
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 2 : 3;
  return `${value.toFixed(digits).replace('-', '\u2212')}%`;
};

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
