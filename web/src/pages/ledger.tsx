import { useState } from 'preact/hooks';
import { ask, useGet } from '../api';
import { countOf, dateOf, momentOf } from '../format';
import { href } from '../route';
import type { LedgerDay } from '../types';
import { Icon, Page, Standing } from '../ui';

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

export function LedgerPage() {
  const from = since();
  const live = useGet<{ days: LedgerDay[] }>(`api/ledger?from=${from}`, 15_000);
  const list = live.data?.days.filter(day => day.calls > 0 || day.missing > 0 || day.sealed_at).reverse() ?? null;
  return (
    <Page title="Ledger" lead={`The account of the last ${days} days.`} actions={<Verify />}>
      <Standing answer={live.answer} what="ledger" hasData={list !== null} />
      {list?.length === 0 ? <p class="standing">No call in {days} days.</p> : null}
      {list && list.length > 0 ? <table class="list">
        <caption class="unseen">Days, newest first</caption>
        <thead><tr>{['Day', 'Calls', 'Accepted', 'In flight', 'Parked', 'Out of scope', 'Missing', 'Unexplained', 'Seal']
          .map(name => <th scope="col" key={name} class={name === 'Day' || name === 'Seal' ? '' : 'number'}>{name}</th>)}</tr></thead>
        <tbody>{list.map(day => {
          const next = new Date(Date.parse(`${day.date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
          const cell = (name: string, count: number, state?: string) => <td class="number" data-name={name}>{count === 0 || state === undefined
            ? countOf(count) : <a href={href('calls', { state, after: day.date, before: next })}>{countOf(count)}</a>}</td>;
          return <tr key={day.date}>
            <th scope="row"><a href={href('calls', { after: day.date, before: next })}>{dateOf(day.date)}</a></th>
            {cell('Calls', day.calls)}{cell('Accepted', day.accepted, 'delivered')}
            {cell('In flight', day.in_flight, 'in_flight')}{cell('Parked', day.parked.total, 'parked')}
            {cell('Out of scope', day.out_of_scope, 'out_of_scope')}{cell('Missing', day.missing)}
            {cell('Unexplained', day.unexplained)}
            <td data-name="Seal"><Seal day={day} /></td>
          </tr>;
        })}</tbody>
      </table> : null}
    </Page>
  );
}
