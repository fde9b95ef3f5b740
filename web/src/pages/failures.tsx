import { useEffect, useState } from 'preact/hooks';
import { ask, useGet, type Answer } from '../api';
import { countOf, plain, wordOf } from '../format';
import { href } from '../route';
import { announcement } from '../store';
import type { Call, Stats } from '../types';
import { Confirm, Good, Moment, Page, Standing } from '../ui';

interface Failure { fingerprint: string; destination: string; outcome: string;
  http_status: number | null; count: number; first_at: string; last_at: string;
  answer: string | null; sample: string | null }
interface Replay { id: number; state: string; count: number; accepted: number; failed: number;
  skipped: number; given_up: number; reason: string | null; started_at: string; ended_at: string | null }
interface Preview { count: number; calls: Call[]; token: string }
interface Group { title: string; filter: Record<string, string> }

const detailOf = (answer: Answer<unknown>): string => answer.kind === 'refused' ? answer.detail
  : answer.kind === 'absent' ? 'This server has no replay yet.' : 'The server does not answer.';

// Counts first; what was counted is what is sent, because the count's token goes with the order.
function ReplayDialog({ group, onClose, onBegun }: {
  group: Group; onClose: () => void; onBegun: () => void;
}) {
  const [preview, setPreview] = useState<Answer<Preview> | null>(null);
  useEffect(() => {
    void ask<Preview>('api/replays', { method: 'POST', body: { filter: group.filter, preview: true } })
      .then(setPreview);
  }, [group]);
  const begin = async (reason: string): Promise<string | null> => {
    if (preview?.kind !== 'ok') return 'It is not counted yet.';
    const answer = await ask<Replay>('api/replays', { method: 'POST',
      body: { filter: group.filter, preview: false, token: preview.data.token, reason } });
    if (answer.kind !== 'ok') return detailOf(answer);
    announcement.set(`Sending ${answer.data.count} records`);
    onBegun();
    return null;
  };
  const count = preview?.kind === 'ok' ? preview.data.count : 0;
  return (
    <Confirm title={`Send again: ${group.title}`} verb={`Send ${countOf(count)}`} wantsReason onDone={begin}
      onClose={onClose} isReady={count > 0}>
      {preview === null ? <p role="status">Counting…</p> : preview.kind !== 'ok' ? <p class="bad" role="alert">{detailOf(preview)}</p>
        : <>
          {count === 0 ? <p>None of them is parked: they are tried again by themselves.</p> : null}
          <p><b>{countOf(count)}</b> {count === 1 ? 'record is' : 'records are'} sent, each with its own bytes and key.</p>
          <ul class="plain">{preview.data.calls.slice(0, 5).map(call => <li key={call.id}>
            {plain(call.name ?? call.to ?? call.id)} <span class="soft">{call.status ?? ''}</span></li>)}</ul>
        </>}
    </Confirm>
  );
}

function Replays({ list, onChange }: { list: Replay[]; onChange: () => void }) {
  const cancel = async (id: number) => {
    const answer = await ask(`api/replays/${id}`, { method: 'DELETE' });
    announcement.set(answer.kind === 'ok' ? 'Cancelled' : detailOf(answer));
    onChange();
  };
  return (
    <section class="card" aria-labelledby="replays"><h2 id="replays">Replays</h2>
      {list.length === 0 ? <p>None yet.</p> : <ul class="plain">{list.slice(0, 10).map(one => <li key={one.id}>
        <b>{wordOf(one.state)}</b> {countOf(one.accepted)} accepted, {countOf(one.failed)} failed,
        {' '}{one.given_up > 0 ? `${countOf(one.given_up)} given up, ` : ''}{countOf(one.skipped)} skipped of {countOf(one.count)} <span class="soft">· <Moment at={one.started_at} />
        {one.reason ? ` · ${plain(one.reason)}` : ''}</span>{' '}
        {one.state === 'running' ? <button type="button" onClick={() => cancel(one.id)}>Cancel replay {one.id}</button> : null}
      </li>)}</ul>}
    </section>
  );
}

const recordless = ['unlinked', 'silent', 'forgotten'];

export function FailuresPage() {
  const stats = useGet<Stats>('api/stats', 5_000);
  const failures = useGet<{ failures: Failure[]; more: boolean }>('api/failures', 5_000);
  const replays = useGet<{ replays: Replay[] }>('api/replays', 2_000);
  const [group, setGroup] = useState<Group | null>(null);
  const parked = Object.entries(stats.data?.now.parked ?? {}).filter(([, count]) => count > 0);
  const list = failures.data?.failures ?? null;
  const changed = () => { replays.reload(); stats.reload(); failures.reload(); };
  const again = (title: string, filter: Record<string, string>) => replays.data === null ? null
    : <button type="button" onClick={() => setGroup({ title, filter })}>Send again<span class="unseen">: {title}</span></button>;
  return (
    <Page title="Failures" lead="Records that are not accepted, by their cause.">
      <Standing answer={stats.answer} what="parked calls" hasData={stats.data !== null} />
      {stats.data && parked.length === 0 ? <Good of={stats}>No call is parked.</Good> : null}
      {parked.length > 0 ? <table class="list">
        <caption class="unseen">Parked calls by reason</caption>
        <thead><tr><th scope="col">Parked because</th><th scope="col" class="number">Calls</th>
          {replays.data ? <th scope="col">Do</th> : null}</tr></thead>
        <tbody>{parked.map(([reason, count]) => <tr key={reason}>
          <th scope="row">{wordOf(reason)}</th>
          <td data-name="Calls" class="number"><a href={href('calls', { state: 'parked', parked: reason })}>{countOf(count)}</a></td>
          {replays.data ? <td data-name="Do">{recordless.includes(reason) ? <span class="soft">no record to send</span>
            : again(wordOf(reason), { state: 'parked', parked: reason })}</td> : null}
        </tr>)}</tbody></table> : null}
      <h2 class="gap">By what the CRM answered</h2>
      <Standing answer={failures.answer} what="failures by answer" hasData={list !== null} />
      {list?.length === 0 ? <Good of={failures}>Nothing fails.</Good> : null}
      {list && list.length > 0 ? <table class="list">
        <caption class="unseen">Causes, the most frequent first</caption>
        <thead><tr>{['Cause', 'Destination', 'Records', 'First', 'Last', 'For example', 'Do'].map(name =>
          <th scope="col" key={name} class={name === 'Records' ? 'number' : ''}>{name}</th>)}</tr></thead>
        <tbody>{list.map(one => <tr key={one.fingerprint}>
          <th scope="row">{wordOf(one.outcome)}{one.http_status ? ` with ${one.http_status}` : ''}
            {one.answer ? <><br /><code>{plain(one.answer.slice(0, 120))}</code></> : null}</th>
          <td data-name="Destination">{plain(one.destination)}</td>
          <td data-name="Records" class="number"><a href={href('deliveries', { fingerprint: one.fingerprint })}>{countOf(one.count)}</a></td>
          <td data-name="First"><Moment at={one.first_at} /></td><td data-name="Last"><Moment at={one.last_at} /></td>
          <td data-name="For example">{one.sample ? <a href={href('calls', {}, one.sample)}>{one.sample.slice(-8)}</a> : '–'}</td>
          <td data-name="Do">{again(`${one.outcome}${one.http_status ? ` with ${one.http_status}` : ''} at ${plain(one.destination)}`, { fingerprint: one.fingerprint })}</td>
        </tr>)}</tbody></table> : null}
      {failures.data?.more ? <p class="soft">These are the largest; there are smaller ones.</p> : null}
      {replays.data ? <Replays list={replays.data.replays} onChange={changed} />
        : <Standing answer={replays.answer} what="replay" hasData={false} />}
      {group ? <ReplayDialog group={group} onClose={() => setGroup(null)} onBegun={changed} /> : null}
    </Page>
  );
}
