import { anyCall, ask, askForPage, useLive, type Answer, type Rows } from '../api';
import { countOf, plain, wordOf } from '../format';
import { href } from '../route';
import type { Destination, ListedDelivery } from '../types';
import { Empty, Moment, Page, Standing, State } from '../ui';

// The records that a destination's figures count.
export const recordsOf = (one: Destination, state: 'pending' | 'parked'): string =>
  href('deliveries', { destination: one.name, state });

const filters = ['destination', 'state', 'fingerprint'];

// Of parked records a figure counts those that a person has to decide on.
const waits = (one: ListedDelivery): boolean => one.parked !== 'given_up';

async function list(params: URLSearchParams, signal: AbortSignal): Promise<Answer<Rows<ListedDelivery>>> {
  return askForPage<ListedDelivery>('deliveries', params.get('cursor'), async (cursor, limit) => {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const name of filters) if (params.has(name)) query.set(name, params.get(name)!);
    if (cursor) query.set('cursor', cursor);
    const answer = await ask<{ deliveries: ListedDelivery[]; next_cursor: string | null }>(`api/deliveries?${query}`, { signal });
    return answer.kind === 'ok' ? { kind: 'ok', data: { ...answer.data, deliveries: answer.data.deliveries.filter(waits) } } : answer;
  });
}

export function DeliveriesPage({ params }: { params: URLSearchParams }) {
  const live = useLive<Rows<ListedDelivery>>(params.toString(), signal => list(params, signal), 5_000, anyCall);
  const rows = live.data?.rows ?? [];
  const rest = Object.fromEntries(filters.map(name => [name, params.get(name)]));
  const destination = params.get('destination'), state = params.get('state');
  return (
    <Page title="Records" lead={<>{params.has('fingerprint') ? 'That failed for the same cause'
      : state === 'parked' ? 'Parked' : state === 'pending' ? 'Waiting' : 'All'}{destination ? ` for ${destination}` : ''}, newest first.</>}>
      <Standing answer={live.answer} what="records" hasData={live.data !== null} />
      {live.data && rows.length === 0 ? <Empty>{live.data.next_cursor ? 'None as far as was looked; there are older ones.' : 'None.'}</Empty> : null}
      {rows.length > 0 ? <table class="list">
        <caption class="unseen">Records, newest first</caption>
        <thead><tr>{['Call', 'Destination', 'State', 'Outcome', 'Campaign', 'Tries', 'Answer', 'Next try'].map(name =>
          <th scope="col" key={name} class={name === 'Tries' ? 'number' : ''}>{name}</th>)}</tr></thead>
        <tbody>{rows.map(one => <tr key={one.id}>
          <th scope="row"><a href={href('calls', {}, one.call)}><Moment at={one.first_event_at} /><span class="unseen"> call {one.call}</span></a></th>
          <td data-name="Destination">{plain(one.destination)}</td>
          <td data-name="State"><State state={one.state === 'pending' ? 'delivering' : one.state === 'accepted' ? 'delivered' : one.state} parked={one.parked} /></td>
          <td data-name="Outcome">{one.status === null ? '–' : wordOf(one.status)}</td>
          <td data-name="Campaign">{one.campaign ? plain(one.campaign) : '–'}</td>
          <td data-name="Tries" class="number">{countOf(one.attempts_count)}</td>
          <td data-name="Answer">{one.http_status ?? '–'}</td>
          <td data-name="Next try"><Moment at={one.due_at} /></td>
        </tr>)}</tbody></table> : null}
      <nav class="paging" aria-label="Pages of the list">
        {params.has('cursor') ? <a href={href('deliveries', rest)}>Newest</a> : null}
        {live.data?.next_cursor ? <a href={href('deliveries', { ...rest, cursor: live.data.next_cursor })}>Older records</a> : null}
      </nav>
    </Page>
  );
}
