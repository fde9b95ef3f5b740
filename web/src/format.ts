import { zone } from './store';

const formats = new Map<string, Intl.DateTimeFormat>();
function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${zone.value}`;
  let known = formats.get(key);
  if (!known) {
    try {
      known = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone.value });
    } catch {
      known = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
    }
    formats.set(key, known);
  }
  return known;
}

const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const day = { day: '2-digit', month: 'short' } as const;

export const clockOf = (at: string): string => format('clock', clock).format(new Date(at));
export const momentOf = (at: string): string =>
  format('moment', { ...day, ...clock }).format(new Date(at));
export const fullMomentOf = (at: string): string =>
  format('full', { ...day, year: 'numeric', ...clock, timeZoneName: 'short' }).format(new Date(at));
// A date of the ledger, which has no time and no zone.
export const dateOf = (date: string): string =>
  new Intl.DateTimeFormat('en-GB', { weekday: 'short', ...day, year: 'numeric', timeZone: 'UTC' })
    .format(new Date(`${date}T00:00:00Z`));

// When that day begins in the ledger's zone.
export function startOf(date: string): string {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const wall = format('wall', { ...day, ...clock, year: 'numeric', month: '2-digit' });
  const shownAt = (at: number): number => {
    const part = Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, value]));
    return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`);
  };
  // Twice, because the offset of the first guess may be that before a change of the clock.
  let at = midnight - (shownAt(midnight) - midnight);
  at -= shownAt(at) - midnight;
  return new Date(at).toISOString();
}

// The span of a day as the ledger counts it, for lists (from, to).
export const spanOfDay = (date: string): { from: string; to: string } => ({
  from: date, to: new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10),
});

// Without the part that today's times have in common.
export function shortMomentOf(at: string, now = Date.now()): string {
  const today = format('day', day).format(now);
  return format('day', day).format(new Date(at)) === today ? clockOf(at) : momentOf(at);
}

export const countOf = (count: number): string => count.toLocaleString('en-GB');

// 250 ms, 4.1 s, 3 min 20 s, 2 h 5 min, 3 d 4 h
export function spanOf(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  const abs = Math.abs(ms);
  if (abs < 1_000) return `${sign}${Math.round(abs)} ms`;
  if (abs < 10_000) return `${sign}${(abs / 1_000).toFixed(1)} s`;
  const s = Math.round(abs / 1_000);
  if (s < 60) return `${sign}${s} s`;
  const two = (big: number, of: number, names: [string, string]) =>
    `${sign}${Math.floor(big / of)} ${names[0]}${big % of ? ` ${big % of} ${names[1]}` : ''}`;
  if (s < 3_600) return two(s, 60, ['min', 's']);
  const min = Math.floor(s / 60);
  if (min < 1_440) return two(min, 60, ['h', 'min']);
  return two(Math.floor(min / 60), 24, ['d', 'h']);
}

export const agoOf = (at: string, now = Date.now()): string => {
  const ms = now - Date.parse(at);
  return ms < 0 ? `in ${spanOf(-ms)}` : `${spanOf(ms)} ago`;
};

// Text from outside: what cannot be seen or turns the text around is shown as its number.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
export const plain = (text: string): string => text.replace(unseen, character =>
  `⟨${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

const words: Record<string, string> = {
  doubted: 'Not known now', open: 'Going on', settling: 'Settling', delivering: 'On its way', delivered: 'Delivered',
  in_flight: 'In flight', parked: 'Parked', out_of_scope: 'Out of scope', merged: 'Merged',
  dead: 'gave up after all tries', rejected: 'refused by the CRM', disabled: 'delivery is disabled',
  unlinked: 'conversation without a call', silent: 'fell silent', blocked_address: 'blocked address',
  destination_gone: 'destination is gone', unknown_outcome: 'outcome unknown',
  forgotten: 'erased on request', given_up: 'given up',
};
export const wordOf = (name: string): string => words[name] ?? name.replaceAll('_', ' ');
