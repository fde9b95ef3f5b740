import { useGet } from '../api';
import { countOf, plain, wordOf } from '../format';
import { href } from '../route';
import { Empty, Icon, Moment, Page, Standing } from '../ui';

interface Failure { fingerprint: string; destination: string; outcome: string; http_status: number | null;
  count: number; first_at: string; last_at: string; answer: string | null; sample: string | null }

export function FailuresPage() {
  const live = useGet<{ failures: Failure[] }>('api/failures', 5_000);
  const list = live.data?.failures ?? null;
  return (
    <Page title="Failures" lead="Records that are not accepted, by their cause.">
      <Standing answer={live.answer} what="failures by cause" hasData={list !== null} />
      {live.answer?.kind === 'absent' ? <p><a href={href('calls', { state: 'parked' })}>Show parked calls instead</a></p> : null}
      {list?.length === 0 ? <Empty><Icon name="ok" /> Nothing fails.</Empty> : null}
      {list && list.length > 0 ? <table class="list">
        <caption class="unseen">Causes, the most frequent first</caption>
        <thead><tr>{['Cause', 'Destination', 'Calls', 'First', 'Last', 'For example'].map(name => <th scope="col" key={name} class={name === 'Calls' ? 'number' : ''}>{name}</th>)}</tr></thead>
        <tbody>{list.map(one => <tr key={one.fingerprint}>
          <th scope="row">{wordOf(one.outcome)}{one.http_status ? ` with ${one.http_status}` : ''}{one.answer ? <><br /><code>{plain(one.answer.slice(0, 120))}</code></> : null}</th>
          <td data-name="Destination">{one.destination}</td><td data-name="Calls" class="number">{countOf(one.count)}</td>
          <td data-name="First"><Moment at={one.first_at} /></td><td data-name="Last"><Moment at={one.last_at} /></td>
          <td data-name="For example">{one.sample ? <a href={href('calls', {}, one.sample)}>{one.sample.slice(-8)}</a> : '–'}</td>
        </tr>)}</tbody></table> : null}
    </Page>
  );
}
