import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { anyCall, ask, askForPage, pageSize, useGet, useLive, type Answer, type Rows } from '../api';
import { countOf, plain, spanOf, startOf, wordOf } from '../format';
import { go, href, type Params } from '../route';
import { useStore, zone } from '../store';
import type { Call, Stats } from '../types';
import { Empty, Moment, Page, Standing, State } from '../ui';

const states = ['open', 'settling', 'delivering', 'delivered', 'parked', 'out_of_scope', 'merged'];
const reasons = ['dead', 'rejected', 'disabled', 'unlinked', 'silent', 'blocked_address', 'destination_gone', 'unknown_outcome',
  'forgotten', 'given_up'];
const outcomes = ['held', 'no answer', 'no connection', 'voicemail'];
const filters = ['state', 'parked', 'status', 'campaign', 'no_campaign', 'text', 'phone', 'call_sid', 'conversation_id', 'from', 'to'];
const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text);

// What is neither at the CRM nor waits for a person. Each state has its own list, and so its own paging.
const inFlight = ['open', 'settling', 'delivering'];

async function search(params: URLSearchParams, signal: AbortSignal): Promise<Answer<Rows<Call>>> {
  const body: Record<string, unknown> = {};
  for (const name of filters) {
    const value = params.get(name);
    if (value && name !== 'text') body[name] = name === 'no_campaign' ? true : isDate(value) ? startOf(value) : value;
  }
  // A campaign of that very name, or else people.
  const text = params.get('text');
  const one = async (state: unknown) => {
    const asked = (more: object) => askForPage<Call>('calls', params.get('cursor'), (cursor, limit) =>
      ask('api/calls/search', { method: 'POST', body: { ...body, ...more, state, cursor, limit }, signal }));
    const answer = await asked(text ? { campaign: text } : {});
    return text && answer.kind === 'ok' && answer.data.rows.length === 0 ? asked({ name: text }) : answer;
  };
  if (body.state !== 'in_flight') return one(body.state);
  const answers = await Promise.all(inFlight.map(one));
  const rows: Call[] = [];
  for (const answer of answers) {
    if (answer.kind !== 'ok') return answer;
    rows.push(...answer.data.rows);
  }
  rows.sort((a, b) => Date.parse(b.first_event_at ?? '') - Date.parse(a.first_event_at ?? ''));
  return { kind: 'ok', data: { rows: rows.slice(0, pageSize), next_cursor: null } };
}

// What was typed, to the filter that it is.
function filterOf(text: string, campaigns: string[]): Params {
  if (/^CA[0-9a-f]{32}$/i.test(text) || /^CA[0-9a-f]{4,31}$/.test(text)) return { call_sid: text };
  if (/^conv_/.test(text)) return { conversation_id: text };
  if (/^[+(\d][\d\s().\/-]{4,}$/.test(text)) return { phone: text };
  const known = campaigns.find(one => one.toLowerCase() === text.toLowerCase());
  return known ? { campaign: known } : text ? { text } : {};
}

function Filters({ params }: { params: URLSearchParams }) {
  const form = useRef<HTMLFormElement>(null);
  const ofDay = useGet<Stats>('api/stats', 0).data?.outcomes ?? [];
  const campaigns = ofDay.flatMap(one => one.campaign ?? []);
  const value = (name: string) => params.get(name) ?? '';
  const searched = value('call_sid') || value('conversation_id') || value('phone') || value('text') || value('campaign');
  const chosen = value('parked') ? `parked/${value('parked')}` : value('state');
  // A time that a figure came with stays as long as its date does.
  const endOf = (name: string, date: string) => date === value(name).slice(0, 10) ? value(name) : date;
  const apply = (event: Event) => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const text = (name: string) => String(data.get(name) ?? '').trim();
    const [state, parked] = text('state').split('/');
    go(href('calls', { ...filterOf(text('search'), campaigns), state, parked, status: text('status'), no_campaign: text('no_campaign'),
      from: endOf('from', text('from')), to: endOf('to', text('to')) }));
  };
  return (
    <form ref={form} class="filters" role="search" onSubmit={apply} key={params.toString()}>
      <label class="wide">Search
        <input name="search" type="search" defaultValue={searched} autocomplete="off"
          placeholder="Number, name, campaign, CallSid or conversation" list="campaigns" />
        <datalist id="campaigns">{campaigns.map(one => <option key={one} value={one} />)}</datalist></label>
      <label>State <select name="state" defaultValue={chosen}>
        <option value="">any</option>
        {['in_flight', ...states].map(state => <option key={state} value={state} selected={state === chosen}>{wordOf(state)}</option>)}
        <optgroup label="Parked because">{reasons.map(reason => <option key={reason} value={`parked/${reason}`}
          selected={`parked/${reason}` === chosen}>{wordOf(reason)}</option>)}</optgroup>
      </select></label>
      <label>Outcome <select name="status" defaultValue={value('status')}>
        <option value="">any</option>
        {outcomes.map(name => <option key={name} value={name} selected={name === value('status')}>{name}</option>)}
      </select></label>
      <label>From <input name="from" type="date" defaultValue={value('from').slice(0, 10)} /></label>
      <label>Before <input name="to" type="date" defaultValue={value('to').slice(0, 10)} /></label>
      <div class="actions"><button type="submit" class="main">Show</button>
        {filters.some(name => params.has(name)) ? <a href={href('calls')}>Clear</a> : null}</div>
      <label class="check"><input name="no_campaign" type="checkbox" value="true" defaultChecked={!!value('no_campaign')} /> Only calls without a campaign</label>
    </form>
  );
}

const nextOf = (call: Call) => call.state === 'delivering' || call.state === 'settling'
  ? <Moment at={call.due_at} /> : '–';
const lagOf = (call: Call) => call.ended_at && call.settled_at
  ? spanOf(Date.parse(call.settled_at) - Date.parse(call.ended_at)) : '–';

// First hearing of it does not say when it was, as of one that only the comparison with Twilio found.
const endedBefore = (call: Call) => call.ended_at && call.first_event_at &&
  Date.parse(call.first_event_at) - Date.parse(call.ended_at) >= 300_000 ? call.ended_at : null;

const Row = ({ call }: { call: Call }) => (
  <tr>
    <th scope="row"><a href={href('calls', {}, call.id)}><Moment at={call.first_event_at ?? call.last_event_at} />
      <span class="unseen"> call {call.id}</span></a>
      {endedBefore(call) ? <small> ended <Moment at={endedBefore(call)} /></small> : null}</th>
    <td data-name="Contact">{call.name ? <>{plain(call.name)}<br /></> : null}<span class="soft">{plain(call.to ?? 'number not known')}</span></td>
    <td data-name="Campaign">{call.campaign ? plain(call.campaign) : '–'}</td>
    <td data-name="Outcome">{call.status ?? '–'}</td>
    <td data-name="Talked" class="number">{call.duration_s ? spanOf(call.duration_s * 1_000) : '–'}</td>
    <td data-name="State"><State state={call.state} parked={call.parked} />{call.late_conflict ? <small> · late word</small> : null}</td>
    <td data-name="Next try">{nextOf(call)}</td>
    <td data-name="Settled after" class="number">{lagOf(call)}</td>
  </tr>
);

// The rows stay where they are while somebody reads: known ones change in place, new ones wait.
function useSteady(key: string, fresh: Call[] | null): { rows: Call[]; waiting: number; take: () => void } {
  const [shown, setShown] = useState<{ key: string; ids: string[] } | null>(null);
  const known = useRef(new Map<string, Call>());
  if (shown?.key !== key) known.current = new Map();
  for (const call of fresh ?? []) known.current.set(call.id, call);
  const take = () => { if (fresh) setShown({ key, ids: fresh.map(call => call.id) }); };
  useEffect(() => {
    if (fresh && (shown?.key !== key || (shown.ids.length === 0 && fresh.length > 0))) take();
  });
  const ids = shown?.key === key ? shown.ids : (fresh ?? []).map(call => call.id);
  const there = new Set(ids);
  return {
    rows: ids.map(id => known.current.get(id)).filter((call): call is Call => call !== undefined),
    waiting: (fresh ?? []).filter(call => !there.has(call.id)).length, take,
  };
}

// What the filters of a figure say that the form does not.
function leadOf(params: URLSearchParams): ComponentChildren {
  const [from, to] = ['from', 'to'].map(name => params.get(name) ?? '');
  return (
    <>
      {from && !isDate(from) ? <>Counted from <Moment at={from} />{to ? <> to <Moment at={to} /></> : null}. </> : null}
      Newest first.
      {params.get('state') === 'out_of_scope' ? ' The ledger also counts calls at Twilio that are not ours and of which nothing is kept.' : ''}
    </>
  );
}

export function CallsPage({ params }: { params: URLSearchParams }) {
  const key = `${params.toString()} ${useStore(zone)}`;
  const isFiltered = filters.some(name => params.has(name));
  // What no index finds looks at many calls: it is not asked for again with each change.
  const isScan = params.has('text') || params.has('phone');
  const live = useLive<Rows<Call>>(key, signal => search(params, signal), isScan ? 15_000 : 4_000, isScan ? undefined : anyCall);
  const { rows, waiting, take } = useSteady(key, live.data?.rows ?? null);
  const isFirst = !params.has('cursor');
  const rest = Object.fromEntries(filters.map(name => [name, params.get(name)]));
  return (
    <Page title="Calls" lead={leadOf(params)}>
      <Filters params={params} />
      <Standing answer={live.answer} what="calls" hasData={live.data !== null} />
      {waiting > 0 && isFirst ? <p class="fresh"><button type="button" onClick={take}>Show {countOf(waiting)} newer</button></p> : null}
      {live.data && rows.length === 0 ? <Empty>{live.data.next_cursor ? 'No call matches as far as was looked; there are older calls.' : 'No call matches.'}
        {params.has('text') || params.has('campaign') ? ' A campaign is found by its whole name, people by a part of theirs.' : ''}
        {params.has('phone') ? ' A number is found by all of it, or by its last six digits or more.' : ''}
        {params.get('call_sid')?.length === 34 ? <> If Twilio has it, <code>wrapup send SID</code> fetches it.</> : null} {isFiltered ? <a href={href('calls')}>Show all calls</a>
        : 'Calls appear here as soon as Twilio or ElevenLabs tells of one.'}</Empty> : null}
      {rows.length > 0 ? <table class="list">
        <caption class="unseen">Calls, newest first</caption>
        <thead><tr>{['First heard', 'Contact', 'Campaign', 'Outcome', 'Talked', 'State', 'Next try', 'Settled after']
          .map(name => <th scope="col" key={name} class={/Talked|after/.test(name) ? 'number' : ''}>{name}</th>)}</tr></thead>
        <tbody>{rows.map(call => <Row key={call.id} call={call} />)}</tbody>
      </table> : null}
      <nav class="paging" aria-label="Pages of the list">
        {isFirst ? null : <a href={href('calls', rest)}>Newest</a>}
        {rest.state === 'in_flight' ? inFlight.map(state => <a key={state} href={href('calls', { ...rest, state })}>Only: {wordOf(state)}</a>) : null}
        {live.data?.next_cursor ? <a href={href('calls', { ...rest, cursor: live.data.next_cursor })}>Older calls</a> : null}
      </nav>
    </Page>
  );
}
