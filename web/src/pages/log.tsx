import { useGet } from '../api';
import { plain, wordOf } from '../format';
import { href } from '../route';
import { Empty, Moment, Page, Standing } from '../ui';

interface Entry { at: string; action: string; who?: string | null; reason?: string | null; call?: string | null;
  destination?: string | null }

export function LogPage() {
  const live = useGet<{ entries: Entry[] }>('api/log', 10_000);
  const list = live.data?.entries ?? null;
  return (
    <Page title="Log" lead="Who did what when, and why.">
      <Standing answer={live.answer} what="log of operators' actions" hasData={list !== null} />
      {list?.length === 0 ? <Empty>Nobody has done anything yet.</Empty> : null}
      {list && list.length > 0 ? <table class="list">
        <caption class="unseen">Actions, newest first</caption>
        <thead><tr>{['Time', 'Action', 'On', 'Who', 'Reason'].map(name => <th scope="col" key={name}>{name}</th>)}</tr></thead>
        <tbody>{list.map(entry => <tr key={entry.at + entry.action}>
          <th scope="row"><Moment at={entry.at} /></th><td data-name="Action">{wordOf(entry.action)}</td>
          <td data-name="On">{entry.call ? <a href={href('calls', {}, entry.call)}>{entry.call}</a> : entry.destination ?? '–'}</td>
          <td data-name="Who">{entry.who ?? '–'}</td><td data-name="Reason">{entry.reason ? plain(entry.reason) : '–'}</td></tr>)}</tbody>
      </table> : null}
    </Page>
  );
}
