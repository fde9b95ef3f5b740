import { anyCall, ask, useDoubt, useGet, useLive } from '../api';
import { agoOf, countOf, dateOf, plain, spanOf, spanOfDay, wordOf } from '../format';
import { href } from '../route';
import type { CallPage, Destination, LedgerDay, Stats, Status } from '../types';
import { Figures, Good, Icon, Moment, Page, Standing, State } from '../ui';
import { recordsOf } from './deliveries';
import { healthOf } from './destinations';
import { Differences, isCompared, NotCompared } from './ledger';
import { isDecided, Needs } from './needs';

interface Part { name: string; count: number; to: string; kind: string }

const callsOf = (count: number): string => count === 1 ? '1 call is' : `${countOf(count)} calls are`;

function Flow({ day, doubt }: { day: LedgerDay; doubt: number | null }) {
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
  const kind = !isSound ? 'bad' : doubt !== null ? 'old' : isCompared(day) ? 'good' : 'wait';
  const verdict = {
    good: 'The day adds up: every call is accounted for.',
    old: <Figures at={doubt} />,
    wait: 'Whether calls are missing is not known. What is known here adds up.',
    bad: <a href={account}>{day.missing > 0 ? `${callsOf(day.missing)} missing here.`
      : `${callsOf(Math.abs(difference) + day.unexplained)} not explained.`}</a>,
  }[kind];
  const decided = Object.entries(day.parked).filter(([reason]) => isDecided(reason));
  return (
    <section aria-labelledby="flow" class={doubt === null ? 'card' : 'card old'}>
      <h2 id="flow">{dateOf(day.date)}</h2>
      <p class={`verdict ${kind === 'old' ? 'wait' : kind}`}><Icon name={kind === 'good' ? 'ok' : kind === 'bad' ? 'bad' : 'settling'} /> {verdict}</p>
      {isCompared(day) || doubt !== null ? null : <p class="wait"><NotCompared day={day} /></p>}
      <Differences day={day} max={5} />
      <div class="flow">
        <dl class="totals">
          <div><dt>At Twilio</dt><dd>{typeof day.twilio?.calls === 'number' ? <a href={account}>{countOf(day.twilio.calls)}</a> : '–'}</dd></div>
          <div><dt>Known here</dt>
            <dd><a href={href('calls', spanOfDay(day.date))}>{countOf(day.calls)}</a></dd></div>
        </dl>
        <ul class="bars">
          {parts.map(part => <li key={part.name} class={part.count === 0 ? 'none' : ''}>
            <a href={part.to}>{part.name}</a>
            <span class={`bar ${part.kind}`} aria-hidden="true">
              <i style={{ inlineSize: `${(part.count / largest) * 100}%` }} /></span>
            {part.name === 'Missing' && part.count === 0 && !isCompared(day) ? <b title="not known">?<span class="unseen"> not known</span></b>
              : <b>{countOf(part.count)}</b>}
          </li>)}
        </ul>
      </div>
      <p class="sum">{countOf(day.calls)} = {parts.map(part => countOf(part.count)).join(' + ')},
        {' '}difference {countOf(difference)}.
        {isCompared(day) && day.twilio?.asked_at ? ` Compared with Twilio ${agoOf(day.twilio.asked_at)}.` : ''}
        {decided.map(([reason, count]) => <> Of those parked <a href={href('calls', { state: 'parked', parked: reason, ...spanOfDay(day.date) })}>{countOf(count)}
          {' '}{wordOf(reason)}</a>: nobody waits for {count === 1 ? 'it' : 'them'}.</>)}</p>
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
  const status = useGet<Status>('api/status', 10_000);
  const waiting = useLive<CallPage>('waiting', signal => ask('api/calls/search',
    { method: 'POST', body: { state: 'delivering', limit: 5 }, signal }), 5_000, anyCall);
  const list = destinations.data?.destinations ?? null;
  const doubt = useDoubt(day, destinations, status);
  return (
    <Page title="Today" lead="Is the day complete, and what needs a person?">
      <Standing answer={day.answer} what="ledger" hasData={day.data !== null} />
      {day.data ? <Flow day={day.data} doubt={doubt} /> : null}
      <div class="columns">
        <Needs known={{ day: day.data, stats: stats.data, destinations: list, status: status.data }}
          doubt={doubt} />
        <section aria-labelledby="delays" class="card">
          <h2 id="delays">Hang-up to CRM</h2>
          <Standing answer={stats.answer} what="statistics" hasData={stats.data !== null} />
          {stats.data ? <Delays stats={stats.data} /> : null}
        </section>
        <section aria-labelledby="waiting" class="card">
          <h2 id="waiting">On their way</h2>
          <Standing answer={waiting.answer} what="calls" hasData={waiting.data !== null} />
          {waiting.data && waiting.data.calls.length === 0 ? <Good of={waiting}>No record waits.</Good> : null}
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
            <State state={doubt === null ? healthOf(one, status.data) : 'doubted'} />
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
