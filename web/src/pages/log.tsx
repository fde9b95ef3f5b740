import { useGet } from '../api';
import { plain, wordOf } from '../format';
import { href } from '../route';
import { Empty, Icon, Moment, Page, Standing } from '../ui';

interface Entry { id: number; at: string; action: string; who: string; subject_kind: string | null;
  subject: string | null; detail: string | null; reason: string | null; refused: string | null }

function Subject({ entry }: { entry: Entry }) {
  if (!entry.subject) return <>{entry.detail ? plain(entry.detail) : '–'}</>;
  const name = plain(entry.subject);
  return <>{entry.subject_kind === 'call' ? <a href={href('calls', {}, entry.subject)}>{name}</a>
    : `${entry.subject_kind} ${name}`}{entry.detail ? <span class="soft">, {plain(entry.detail)}</span> : null}</>;
}

export function LogPage({ params }: { params: URLSearchParams }) {
  const cursor = params.get('cursor');
  const live = useGet<{ entries: Entry[]; next_cursor: string | null }>(
    cursor ? `api/log?cursor=${encodeURIComponent(cursor)}` : 'api/log', 10_000);
  const list = live.data?.entries ?? null;
  return (
    <Page title="Log" lead="Who did what when, and why.">
      <Standing answer={live.answer} what="log of operators' actions" hasData={list !== null} />
      {list?.length === 0 ? <Empty>Nobody has done anything yet.</Empty> : null}
      {list && list.length > 0 ? <table class="list">
        <caption class="unseen">Actions, newest first</caption>
        <thead><tr>{['Time', 'Action', 'On', 'By', 'Reason'].map(name => <th scope="col" key={name}>{name}</th>)}</tr></thead>
        <tbody>{list.map(entry => <tr key={entry.id}>
          <th scope="row"><Moment at={entry.at} /></th>
          <td data-name="Action">{wordOf(entry.action)}{entry.refused
            ? <><br /><span class="bad"><Icon name="bad" /> refused: {plain(entry.refused)}</span></> : null}</td>
          <td data-name="On"><Subject entry={entry} /></td>
          <td data-name="By">{entry.who}</td><td data-name="Reason">{entry.reason ? plain(entry.reason) : '–'}</td></tr>)}</tbody>
      </table> : null}
      <nav class="paging" aria-label="Pages of the log">
        {cursor ? <a href={href('log')}>Newest</a> : null}
        {live.data?.next_cursor ? <a href={href('log', { cursor: live.data.next_cursor })}>Older</a> : null}
      </nav>
    </Page>
  );
}
