import { useState } from 'preact/hooks';
import { ask, useGet } from '../api';
import { countOf, dateOf, momentOf, plain, spanOfDay, wordOf } from '../format';
import { href } from '../route';
import type { LedgerDay } from '../types';
import { Icon, Moment, Page, Standing } from '../ui';

const days = 30;
const since = () => new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);

interface Verdict { calls: number; sealed_days: number; findings: string[] }

function Verify() {
  const [verdict, setVerdict] = useState<Verdict | string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const answer = await ask<Verdict>('api/ledger/verify');
    setBusy(false);
    setVerdict(answer.kind === 'ok' ? answer.data : answer.kind === 'refused' ? answer.detail : 'No answer.');
  };
  return (
    <div class="verify">
      <button type="button" onClick={run} disabled={isBusy}>{isBusy ? 'Counting…' : 'Recount and check the seals'}</button>
      <div role="status">{verdict === null ? null : typeof verdict === 'string' ? <p class="bad"><Icon name="bad" /> {verdict}</p>
        : verdict.findings.length === 0 ? <p class="good"><Icon name="ok" /> {countOf(verdict.calls)} calls recounted, {countOf(verdict.sealed_days)} seals checked: all is as written.</p>
          : <ul class="bad">{verdict.findings.map(finding => <li key={finding}>{finding}</li>)}</ul>}</div>
    </div>
  );
}

const Seal = ({ day }: { day: LedgerDay }) => day.sealed_at && day.hash
  ? <><Icon name="ok" /> <code title={`sealed ${momentOf(day.sealed_at)}, over ${day.previous_hash ?? 'nothing'}`}>{day.hash.slice(0, 12)}</code>
    {day.corrections.length > 0 ? <small> · {day.corrections.length} corrections</small> : null}</> : <span class="soft">open</span>;

// "parked.dead"
const columnOf = (name: string | null) => name === null ? 'nothing' : name.split('.').map(wordOf).join(': ');

// What lies behind a day's figures: the list of what they count, and each call that is not explained.
function Account({ date }: { date: string }) {
  const live = useGet<LedgerDay>(`api/ledger?date=${encodeURIComponent(date)}`, 15_000);
  const day = live.data;
  if (day === null) return <Standing answer={live.answer} what="account" hasData={false} />;
  const { total, ...parked } = day.parked;
  const callOf = (sid: string) => <a href={href('calls', {}, sid)}>{sid}</a>;
  return (
    <section class="card" aria-labelledby="account"><h2 id="account">{dateOf(day.date)}</h2>
      <p>{day.twilio ? <>Twilio lists {countOf(day.twilio.calls)} calls{day.twilio.asked_at ? <>, asked <Moment at={day.twilio.asked_at} /></> : ''}
        {day.twilio.complete ? '' : ', not all of them yet'}. Known here and without a CallSid: {countOf(day.twilio.without_call_sid)}.</>
        : 'Nobody compares this day with Twilio.'}</p>
      {total > 0 ? <ul class="plain">{Object.entries(parked).map(([reason, count]) => <li key={reason}>
        <a href={href('calls', { state: 'parked', parked: reason, ...spanOfDay(day.date) })}>{countOf(count)} parked: {wordOf(reason)}</a></li>)}</ul> : null}
      <h3>Not explained</h3>
      {day.differences.length === 0 ? <p class="good"><Icon name="ok" /> Nothing.</p>
        : <ul class="plain">{day.differences.map(one => <li key={`${one.kind} ${one.call_sid}`}>
          <b>{wordOf(one.kind)}</b> {one.kind === 'missing' ? <code>{one.call_sid}</code> : one.call_sid ? callOf(one.call_sid) : null}
          {' '}<span class="soft">{plain(one.reason)}</span></li>)}</ul>}
      {day.missing > 0 ? <p class="hint">What is missing is asked for by itself; <code>wrapup send SID</code> does it now.</p> : null}
      {day.corrections.length > 0 ? <><h3>Corrections since it was closed</h3>
        <ul class="plain">{day.corrections.map(one => <li key={one.number}><Moment at={one.at} /> {callOf(one.call)}
          <span class="soft"> from {columnOf(one.from)} to {columnOf(one.to)}</span></li>)}</ul></> : null}
    </section>
  );
}

export function LedgerPage({ params }: { params: URLSearchParams }) {
  const from = since();
  const chosen = params.get('date');
  const live = useGet<{ days: LedgerDay[] }>(`api/ledger?from=${from}`, 15_000);
  const list = live.data?.days.filter(day => day.calls > 0 || day.missing > 0 || day.sealed_at).reverse() ?? null;
  return (
    <Page title="Ledger" lead={`The account of the last ${days} days.`} actions={<Verify />}>
      {chosen ? <Account key={chosen} date={chosen} /> : null}
      <Standing answer={live.answer} what="ledger" hasData={list !== null} />
      {list?.length === 0 ? <p class="standing">No call in {days} days.</p> : null}
      {list && list.length > 0 ? <table class="list">
        <caption class="unseen">Days, newest first</caption>
        <thead><tr>{['Day', 'Calls', 'Accepted', 'In flight', 'Parked', 'Out of scope', 'Missing', 'Unexplained', 'Seal']
          .map(name => <th scope="col" key={name} class={name === 'Day' || name === 'Seal' ? '' : 'number'}>{name}</th>)}</tr></thead>
        <tbody>{list.map(day => {
          const account = href('ledger', { date: day.date });
          const of = (state?: string) => href('calls', { state, ...spanOfDay(day.date) });
          const cell = (name: string, count: number, to: string) => <td class="number" data-name={name}>{count === 0
            ? countOf(count) : <a href={to}>{countOf(count)}</a>}</td>;
          return <tr key={day.date}>
            <th scope="row"><a href={account} aria-current={day.date === chosen ? 'true' : undefined}>{dateOf(day.date)}</a></th>
            {cell('Calls', day.calls, of())}{cell('Accepted', day.accepted, of('delivered'))}
            {cell('In flight', day.in_flight, of('in_flight'))}{cell('Parked', day.parked.total, of('parked'))}
            {cell('Out of scope', day.out_of_scope, of('out_of_scope'))}{cell('Missing', day.missing, account)}
            {cell('Unexplained', day.unexplained, account)}
            <td data-name="Seal"><Seal day={day} /></td>
          </tr>;
        })}</tbody>
      </table> : null}
    </Page>
  );
}
