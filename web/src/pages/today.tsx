import type { ComponentChildren } from 'preact';
import { anyCall, useGet, useLive, ask } from '../api';
import { agoOf, countOf, dateOf, plain, spanOf, spanOfDay, wordOf } from '../format';
import { href } from '../route';
import type { CallPage, Destination, LedgerDay, Reconciliation, Stats, Status } from '../types';
import { Icon, Moment, Page, Standing, State } from '../ui';
import { recordsOf } from './deliveries';

interface Part { name: string; count: number; to: string; kind: string }

function Flow({ day }: { day: LedgerDay }) {
  const of = (state: string) => href('calls', { state, ...spanOfDay(day.date) });
  const account = href('ledger', { date: day.date });
  const parts: Part[] = [
    { name: 'Accepted by the CRM', count: day.accepted, to: of('delivered'), kind: 'delivered' },
    { name: 'In flight', count: day.in_flight, to: of('in_flight'), kind: 'delivering' },
    { name: 'Parked', count: day.parked.total, to: of('parked'), kind: 'parked' },
    { name: 'Out of scope', count: day.out_of_scope, to: of('out_of_scope'), kind: 'out_of_scope' },
    { name: 'Missing', count: day.missing, to: account, kind: 'bad' },
  ];
  const sum = parts.reduce((total, part) => total + part.count, 0);
  const difference = day.calls - sum;
  const largest = Math.max(1, ...parts.map(part => part.count));
  const isSound = difference === 0 && day.missing === 0 && day.unexplained === 0;
  return (
    <section aria-labelledby="flow" class="card">
      <h2 id="flow">{dateOf(day.date)}</h2>
      <p class={`verdict ${isSound ? 'good' : 'bad'}`}>
        <Icon name={isSound ? 'ok' : 'bad'} />{' '}
        {isSound ? 'The day adds up: every call is accounted for.'
          : <a href={account}>{day.missing > 0 ? `${countOf(day.missing)} calls are missing here.`
            : `${countOf(Math.abs(difference) + day.unexplained)} calls are not explained.`}</a>}
      </p>
      <div class="flow">
        <dl class="totals">
          <div><dt>At Twilio</dt><dd>{day.twilio ? <a href={account}>{countOf(day.twilio.calls)}</a> : '–'}</dd></div>
          <div><dt>Known here</dt>
            <dd><a href={href('calls', spanOfDay(day.date))}>{countOf(day.calls)}</a></dd></div>
        </dl>
        <ul class="bars">
          {parts.map(part => <li key={part.name} class={part.count === 0 ? 'none' : ''}>
            <a href={part.to}>{part.name}</a>
            <span class={`bar ${part.kind}`} aria-hidden="true">
              <i style={{ inlineSize: `${(part.count / largest) * 100}%` }} /></span>
            <b>{countOf(part.count)}</b>
          </li>)}
        </ul>
      </div>
      <p class="sum">{countOf(day.calls)} = {parts.map(part => countOf(part.count)).join(' + ')},
        {' '}difference {countOf(difference)}.
        {day.twilio ? <> Compared with Twilio {day.twilio.asked_at ? agoOf(day.twilio.asked_at) : 'not yet'}
          {day.twilio.complete ? '' : ', not completely'}.</> : ' Not compared with Twilio yet.'}</p>
    </section>
  );
}

// Refusals that may be a call that is lost; the others are strangers and wrong tokens.
const senders = /signature|stale|wrong_|closed|media_type|malformed|too_large|not_stored/;

interface Need { key: string; to: string; text: ComponentChildren }

function needsOf(day: LedgerDay | null, stats: Stats | null, destinations: Destination[] | null,
  health: Reconciliation | null, status: Status | null): Need[] {
  const needs: Need[] = [];
  const parked = stats?.now.parked ?? day?.parked ?? {};
  for (const [reason, count] of Object.entries(parked)) {
    if (reason === 'total' || reason === 'given_up' || reason === 'forgotten' || count === 0) continue;
    needs.push({ key: `parked ${reason}`, to: href('calls', { state: 'parked', parked: reason }),
      text: <><b>{countOf(count)}</b> {count === 1 ? 'call' : 'calls'} parked: {wordOf(reason)}</> });
  }
  for (const one of destinations ?? []) {
    const to = href('destinations');
    if (one.state === 'removed' && one.parked === 0) continue;
    if (one.state !== 'active') {
      needs.push({ key: `d ${one.name}`, to, text: <>Destination <b>{one.name}</b> is {wordOf(one.state)}</> });
    } else if (one.breaker !== 'closed') {
      needs.push({ key: `b ${one.name}`, to, text: <>Destination <b>{one.name}</b> fails; its breaker is {one.breaker.replace('_', ' ')}</> });
    }
  }
  for (const webhook of health?.webhooks ?? []) {
    if (!webhook.is_disabled && !webhook.is_auto_disabled) continue;
    needs.push({ key: `w ${webhook.url}`, to: href('senders'),
      text: <>ElevenLabs has switched off the webhook <b>{plain(webhook.name ?? webhook.url ?? '')}</b></> });
  }
  for (const [name, side] of [['Twilio', health?.twilio], ['ElevenLabs', health?.elevenlabs]] as const) {
    if (side?.trouble) needs.push({ key: name, to: href('senders'), text: <>{name} does not answer as it should since <Moment at={side.trouble.since} /></> });
  }
  const refused = (status?.refused ?? []).filter(one => senders.test(one.cause))
    .reduce((sum, one) => sum + one.last_hour, 0);
  if (refused > 0) needs.push({ key: 'refused', to: href('senders'), text: <><b>{countOf(refused)}</b> {refused === 1 ? 'request' : 'requests'} of senders refused within the last hour</> });
  return needs;
}

function Needs({ needs, isKnown, isRefused }: { needs: Need[]; isKnown: boolean; isRefused: boolean }) {
  return (
    <section aria-labelledby="needs" class="card">
      <h2 id="needs">Needs a person</h2>
      {needs.length > 0 ? <ul class="needs">{needs.map(need => <li key={need.key}>
        <Icon name="bad" /> <a href={need.to}>{need.text}</a></li>)}</ul>
        : <p class={isKnown ? 'good' : ''}>{isKnown ? <><Icon name="ok" /> Nothing. Nobody waits for you.</> : isRefused ? 'Not known: the server does not say.' : 'Loading…'}</p>}
    </section>
  );
}

function Delays({ stats }: { stats: Stats }) {
  const hours = stats.delay.hours;
  const last = hours.at(-1);
  if (!last) return <p class="standing">No record was accepted in the last day.</p>;
  const before = hours.find(hour => Date.parse(last.at) - Date.parse(hour.at) === 86_400_000);
  const row = (name: string, value: number, old?: number) => <div><dt>{name}</dt>
    <dd>{spanOf(value)}{old === undefined ? null : <small> was {spanOf(old)}</small>}</dd></div>;
  return (
    <>
      <dl class="totals">
        {row('Half within', last.p50_ms, before?.p50_ms)}
        {row('95 of 100 within', last.p95_ms, before?.p95_ms)}
        {row('99 of 100 within', last.p99_ms, before?.p99_ms)}
      </dl>
      <p class="sum">Of <a href={href('timing')}>{countOf(last.count)} deliveries</a> in the hour from <Moment at={last.at} />.</p>
    </>
  );
}

function Outcomes({ stats }: { stats: Stats }) {
  if (stats.outcomes.length === 0) return <p class="standing">No call has settled in the last day.</p>;
  const names = ['held', 'no answer', 'no connection', 'voicemail'] as const;
  const listOf = (campaign: string | null, status?: string) =>
    href('calls', { campaign, no_campaign: campaign ? null : 'true', status, from: stats.from, to: stats.to });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Outcomes per campaign">
      <table>
        <caption class="unseen">What came of the calls of the last day, by campaign</caption>
        <thead><tr><th scope="col">Campaign</th>
          {names.map(name => <th scope="col" class="number" key={name}>{name[0]!.toUpperCase() + name.slice(1)}</th>)}</tr></thead>
        <tbody>{stats.outcomes.slice(0, 20).map(row => <tr key={row.campaign ?? ''}>
          <th scope="row"><a href={listOf(row.campaign)}>{row.campaign ? plain(row.campaign) : 'without a campaign'}</a></th>
          {names.map(name => <td class="number" key={name}>{row[name] > 0
            ? <a href={listOf(row.campaign, name)}>{countOf(row[name])}</a> : countOf(row[name])}</td>)}
        </tr>)}</tbody>
      </table>
    </div>
  );
}

export function TodayPage() {
  const day = useGet<LedgerDay>('api/ledger', 5_000, anyCall);
  const stats = useGet<Stats>('api/stats', 10_000, anyCall);
  const destinations = useGet<{ destinations: Destination[] }>('api/destinations');
  const health = useGet<Reconciliation>('api/reconciliation', 30_000);
  const status = useGet<Status>('api/status', 10_000);
  const waiting = useLive<CallPage>('waiting', signal => ask('api/calls/search',
    { method: 'POST', body: { state: 'delivering', limit: 5 }, signal }), 5_000, anyCall);
  const list = destinations.data?.destinations ?? null;
  return (
    <Page title="Today" lead="Is the day complete, and what needs a person?">
      <Standing answer={day.answer} what="ledger" hasData={day.data !== null} />
      {day.data ? <Flow day={day.data} /> : null}
      <div class="columns">
        <Needs needs={needsOf(day.data, stats.data, list, health.data, status.data)} isKnown={day.data !== null && list !== null}
          isRefused={[day, destinations].some(({ answer }) => answer !== null && answer.kind !== 'ok')} />
        <section aria-labelledby="delays" class="card">
          <h2 id="delays">Hang-up to CRM</h2>
          <Standing answer={stats.answer} what="statistics" hasData={stats.data !== null} />
          {stats.data ? <Delays stats={stats.data} /> : null}
        </section>
        <section aria-labelledby="waiting" class="card">
          <h2 id="waiting">On their way</h2>
          <Standing answer={waiting.answer} what="calls" hasData={waiting.data !== null} />
          {waiting.data && waiting.data.calls.length === 0 ? <p class="good"><Icon name="ok" /> No record waits.</p> : null}
          <ul class="plain">{waiting.data?.calls.map(call => <li key={call.id}>
            <a href={href('calls', {}, call.id)}>{plain(call.name ?? call.to ?? call.id)}</a>
            {call.ended_at ? <span> ended {agoOf(call.ended_at)}</span> : null}
            {call.due_at ? <span>, next try <Moment at={call.due_at} /></span> : null}</li>)}</ul>
          {waiting.data?.next_cursor ? <p><a href={href('calls', { state: 'delivering' })}>All on their way</a></p> : null}
        </section>
        <section aria-labelledby="destinations" class="card">
          <h2 id="destinations">Destinations</h2>
          <Standing answer={destinations.answer} what="destinations" hasData={list !== null} />
          {list?.length === 0 ? <p>None is configured; records are parked.</p> : null}
          <ul class="plain">{list?.map(one => <li key={one.name}>
            <a href={href('destinations')}>{one.name}</a>{' '}
            <State state={one.state !== 'active' ? one.state : one.breaker === 'closed' ? 'active' : 'failing'} />
            {' '}<a href={recordsOf(one, 'pending')}>{countOf(one.pending)} waiting</a>,
            {' '}<a href={recordsOf(one, 'parked')}>{countOf(one.parked)} parked</a></li>)}</ul>
        </section>
      </div>
      <section aria-labelledby="outcomes" class="card">
        <h2 id="outcomes">Outcomes of the last day</h2>
        <Standing answer={stats.answer} what="statistics" hasData={stats.data !== null} />
        {stats.data ? <Outcomes stats={stats.data} /> : null}
      </section>
    </Page>
  );
}
