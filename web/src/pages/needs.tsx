// What needs a person, as `wrapup status` says it: every alert of the server, and what it has no alert for.
import type { ComponentChildren } from 'preact';
import { useGet } from '../api';
import { countOf, plain, wordOf } from '../format';
import { href } from '../route';
import type { Alert, Destination, Intent, LedgerDay, Reconciliation, Stats, Status } from '../types';
import { awaySince, useStore } from '../store';
import { Figures, Icon, Moment } from '../ui';

// A need that an alert tells too has the alert's name as its key.
interface Need { key: string; to?: string | undefined; text: ComponentChildren; next?: string }
export interface Known {
  day: LedgerDay | null; stats: Stats | null; destinations: Destination[] | null; status: Status | null;
}

// A parked call that somebody decided on waits for nobody.
export const isDecided = (reason: string): boolean => reason === 'given_up' || reason === 'forgotten';

// Refused requests that come from no sender, or are kept, and so lose no call.
const strangers = ['no_token', 'bad_token', 'token_rate', 'session_over', 'other_site', 'unknown_token'];

// Where the dashboard shows what an alert is of; of the others nothing is to be seen here.
const places: [RegExp, string][] = [[/^(crm_refuses|breaker|gone):/, 'destinations'], [/^parked:/, 'failures'], [/^ledger$/, 'ledger'],
  [/^(twilio|elevenlabs|refused$|silence$)/, 'senders']];
const placeOf = ({ alert }: Alert): string | undefined => {
  const page = places.find(([key]) => key.test(alert))?.[1];
  return page && href(page);
};

const many = (count: number, noun: string): ComponentChildren => <><b>{countOf(count)}</b> {noun}{count === 1 ? '' : 's'}</>;

function ofDestinations(destinations: Destination[]): Need[] {
  const needs: Need[] = [];
  const to = href('destinations');
  for (const { name, state, parked, breaker, breaker_since } of destinations) {
    const its = <>Destination <b>{name}</b></>;
    if (state !== 'active') {
      if (state !== 'removed' || parked > 0) needs.push({ key: `${state}:${name}`, to, text: <>{its} is {wordOf(state)}</> });
    } else if (breaker !== 'closed') {
      needs.push({ key: `breaker:${name}`, to, text: <>{its} fails{breaker_since ? <> since <Moment at={breaker_since} /></> : null}; its breaker is {breaker.replace('_', ' ')}</> });
    }
  }
  return needs;
}

function ofVendors(health: Reconciliation): Need[] {
  const needs: Need[] = [], to = href('senders');
  for (const [key, name, side] of [['twilio_credentials', 'Twilio', health.twilio], ['elevenlabs_key', 'ElevenLabs', health.elevenlabs]] as const) {
    if (side.trouble) needs.push({ key, to, text: <>{name} does not answer as it should since <Moment at={side.trouble.since} /></> });
  }
  for (const webhook of health.webhooks ?? []) {
    if (!webhook.is_disabled && !webhook.is_auto_disabled) continue;
    needs.push({ key: 'elevenlabs_webhook', to, text: <>ElevenLabs has switched off the webhook <b>{plain(webhook.name ?? webhook.url ?? '')}</b></> });
  }
  return needs;
}

// Calls that were to be placed, by what can be done about them.
function ofPlacing(refused: Intent[], placed: Intent[], lost: Intent[], status: Status, isTold: (key: string) => boolean): Need[] {
  const needs: Need[] = [];
  const add = (intents: Intent[], what: string) => {
    const counts = new Map<string, number>();
    for (const { advice } of intents) counts.set(advice ?? '', (counts.get(advice ?? '') ?? 0) + 1);
    for (const [next, count] of counts) needs.push({ key: `${what} ${next}`, text: <>{many(count, 'call')} {what}</>, next });
  };
  const hourAgo = Date.parse(status.now) - 3_600_000;
  add(refused.filter(one => one.reason === 'twilio' && one.ended_at && Date.parse(one.ended_at) > hourAgo &&
    !isTold(`campaign_paused:${one.list}`)), 'not placed within the last hour');
  add(placed.filter(one => one.reason === 'not_cancelled'), 'to be cancelled, and Twilio does not');
  if (lost.length > 0) {
    needs.push({ key: 'lost', text: <>{many(lost.length, 'call')} of which nobody knows whether Twilio has it; its number is held</>,
      next: "wrapup call --list --state parked; look in Twilio's console, then wrapup call --cancel INTENT" });
  }
  return needs;
}

function needsOf({ day, stats, destinations, status }: Known, health: Reconciliation | null,
  placing: [Intent[], Intent[], Intent[]]): Need[] {
  const alerts = status?.alerts ?? [];
  const isTold = (key: string) => alerts.some(one => one.alert === key);
  const needs: Need[] = [];
  for (const [reason, count] of Object.entries(stats?.now.parked ?? day?.parked ?? {})) {
    if (reason === 'total' || isDecided(reason) || count === 0) continue;
    needs.push({ key: `parked:${reason}`, to: href('calls', { state: 'parked', parked: reason }),
      text: <>{many(count, 'call')} parked: {wordOf(reason)}</> });
  }
  needs.push(...ofDestinations(destinations ?? []));
  if (day && day.unexplained > 0 && !isTold('ledger')) {
    needs.push({ key: 'ledger', to: href('ledger', { date: day.date }), text: <>{many(day.unexplained, 'call')} of today not explained</> });
  }
  // Of a vendor an alert says more.
  if (health) needs.push(...ofVendors(health).filter(need => need.key === 'elevenlabs_webhook' || !isTold(need.key)));
  const refused = (status?.refused ?? []).filter(one => !strangers.includes(one.cause)).reduce((sum, one) => sum + one.last_hour, 0);
  if (refused > 0) needs.push({ key: 'refused', to: href('senders'), text: <>{many(refused, 'request')} of senders refused within the last hour</> });
  if (status) needs.push(...ofPlacing(...placing, status, isTold));
  for (const one of alerts) {
    if (needs.some(need => need.key === one.alert)) continue;
    needs.push({ key: one.alert, to: placeOf(one), text: plain(one.text), next: one.next });
  }
  return needs;
}

const useIntents = (state: string): Intent[] =>
  useGet<{ intents: Intent[] }>(`api/intents?state=${state}&limit=200`, 30_000).data?.intents ?? [];

export function Needs({ known, doubt }: { known: Known; doubt: number | null }) {
  const health = useGet<Reconciliation>('api/reconciliation', 30_000).data;
  const away = useStore(awaySince);
  const placing: [Intent[], Intent[], Intent[]] = [useIntents('refused'), useIntents('placed'), useIntents('parked')];
  const needs = needsOf(known, health, placing);
  if (away !== null) needs.unshift({ key: 'store', text: 'The store cannot be written or read: no event is acknowledged', next: 'wrapup doctor' });
  const isKnown = known.day !== null && known.destinations !== null && known.status !== null;
  return (
    <section aria-labelledby="needs" class="card">
      <h2 id="needs">Needs a person</h2>
      {needs.length > 0 ? <ul class="needs">{needs.map((need, i) => <li key={`${need.key} ${i}`}>
        <Icon name="bad" /> {need.to ? <a href={need.to}>{need.text}</a> : need.text}
        {need.next ? <small> · {plain(need.next)}</small> : null}</li>)}</ul>
        : doubt !== null ? <p class="wait">{isKnown ? <Figures at={doubt} /> : 'Not known: the server does not say.'}</p>
        : <p class={isKnown ? 'good' : ''}>{isKnown ? <><Icon name="ok" /> Nothing. Nobody waits for you.</> : 'Loading…'}</p>}
    </section>
  );
}
