import { useState } from 'preact/hooks';
import { ask, useGet } from '../api';
import { countOf, dateOf, momentOf, plain, spanOfDay, wordOf } from '../format';
import { href } from '../route';
import type { LedgerDay } from '../types';
import { Good, Icon, Moment, Page, Standing } from '../ui';

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
    {day.corrections.length > 0 ? <small> · {day.corrections.length === 1 ? '1 correction' : `${day.corrections.length} corrections`}</small> : null}</> : <span class="soft">open</span>;

// "parked.dead"
const columnOf = (name: string | null) => name === null ? 'nothing' : name.split('.').map(wordOf).join(': ');

// Only of a day whose list at Twilio is known may it be said that no call is missing.
export const isCompared = (day: LedgerDay): boolean => day.twilio?.complete === true;

export const NotCompared = ({ day }: { day: LedgerDay }) => (
  <>{day.twilio === null ? 'Nobody compares with Twilio' : day.twilio.asked_at === null ? 'Not compared with Twilio yet'
    : <>Not compared with Twilio, or not completely, since <Moment at={day.twilio.asked_at} /></>}: nothing is claimed of what may be missing.</>
);

// Of a closed day what is so now, whatever its account says.
const differencesOf = (day: LedgerDay) => day.differences_now ?? day.differences;

// The calls of a day that are not explained. Of one that is missing here there is no page yet.
export const Differences = ({ day, max }: { day: LedgerDay; max: number }) => differencesOf(day).length === 0 ? null : (
  <>
    <ul class="plain">{differencesOf(day).slice(0, max).map(one => <li key={`${one.kind} ${one.call_sid}`}>
      <b>{wordOf(one.kind)}</b> {one.call_sid === null ? null : <a href={one.kind === 'missing' ? href('calls', { call_sid: one.call_sid })
        : href('calls', {}, one.call_sid)}><code>{one.call_sid}</code></a>} <span class="soft">{plain(one.reason)}</span></li>)}</ul>
    {differencesOf(day).length > max ? <p><a href={href('ledger', { date: day.date })}>All {countOf(differencesOf(day).length)} of {dateOf(day.date)}</a></p> : null}
  </>
);

// What lies behind a day's figures: the list of what they count, and each call that is not explained.
function Account({ date }: { date: string }) {
  const live = useGet<LedgerDay>(`api/ledger?date=${encodeURIComponent(date)}`, 15_000);
  const day = live.data;
  if (day === null) return <Standing answer={live.answer} what="account" hasData={false} />;
  const { total, ...parked } = day.parked;
  const callOf = (sid: string) => <a href={href('calls', {}, sid)}>{sid}</a>;
  return (
    <section class="card" aria-labelledby="account"><h2 id="account">{dateOf(day.date)}</h2>
      {typeof day.twilio?.calls === 'number' ? <p>Twilio lists {countOf(day.twilio.calls)} calls{day.twilio.asked_at ? <>, asked <Moment at={day.twilio.asked_at} /></> : ''}.
        Known here and without a CallSid: {countOf(day.twilio.without_call_sid)}.</p> : null}
      {total > 0 ? <ul class="plain">{Object.entries(parked).map(([reason, count]) => <li key={reason}>
        <a href={href('calls', { state: 'parked', parked: reason, ...spanOfDay(day.date) })}>{countOf(count)} parked: {wordOf(reason)}</a></li>)}</ul> : null}
      <h3>Not explained</h3>
      {isCompared(day) ? null : <p class="wait"><Icon name="settling" /> <NotCompared day={day} /></p>}
      {differencesOf(day).length > 0 ? <Differences day={day} max={1_000} /> : isCompared(day) ? <Good of={live}>Nothing.</Good> : null}
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
      {chosen ? null : list?.filter(day => differencesOf(day).length > 0).slice(0, 5).map(day => <section class="card" key={day.date}
        aria-label={`Not explained of ${day.date}`}><h2>{dateOf(day.date)}: not explained</h2><Differences day={day} max={5} /></section>)}
      {list?.[0] && !isCompared(list[0]) ? <p class="standing wait"><Icon name="settling" /> <NotCompared day={list[0]} /></p> : null}
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
          // Where nobody looked, nothing is not zero.
          const seen = (name: string, count: number) => count > 0 || isCompared(day) ? cell(name, count, account)
            : <td class="number" data-name={name}><a href={account}>not known</a></td>;
          return <tr key={day.date}>
            <th scope="row"><a href={account} aria-current={day.date === chosen ? 'true' : undefined}>{dateOf(day.date)}</a></th>
            {cell('Calls', day.calls, of())}{cell('Accepted', day.accepted, of('delivered'))}
            {cell('In flight', day.in_flight, of('in_flight'))}{cell('Parked', day.parked.total, of('parked'))}
            {cell('Out of scope', day.out_of_scope, of('out_of_scope'))}{seen('Missing', day.missing)}{seen('Unexplained', differencesOf(day).length)}
            <td data-name="Seal"><Seal day={day} /></td>
          </tr>;
        })}</tbody>
      </table> : null}
    </Page>
  );
}
