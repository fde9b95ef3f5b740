import { useRef, useState } from 'preact/hooks';
import { anyCall, ask, useLive } from '../api';
import { clockOf, plain, wordOf } from '../format';
import { isStreaming, tail, type Heard } from '../live';
import { href } from '../route';
import { isPaused, useStore } from '../store';
import type { Call, CallPage } from '../types';
import { Empty, Page, State } from '../ui';

const states = ['open', 'settling', 'delivering', 'delivered', 'parked', 'out_of_scope', 'merged'];

const nameOf = (call: Call | undefined): string =>
  [call?.name, call?.to].filter(Boolean).join(', ');

function Row({ one, call }: { one: Heard; call: Call | undefined }) {
  return (
    <tr>
      <th scope="row"><time dateTime={new Date(one.at).toISOString()}>{clockOf(new Date(one.at).toISOString())}</time></th>
      <td data-name="Call"><a href={href('calls', {}, one.call)}>{plain(nameOf(call) || one.call)}</a>
        {nameOf(call) ? <small class="soft"> {one.call}</small> : null}</td>
      <td data-name="Now"><State state={one.state} /></td>
    </tr>
  );
}

// What happens, newest first. It stands still while it is held, pointed at or used by keyboard.
export function LivePage() {
  const all = useStore(tail);
  const isOn = useStore(isStreaming);
  const paused = useStore(isPaused);
  const [text, setText] = useState('');
  const [state, setState_] = useState('');
  const [isHeld, hold] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const shown = useRef(all);
  if (!isHeld && !isBusy) shown.current = all;
  const newest = shown.current[0]?.key;
  const waiting = newest === undefined ? all.length : all.findIndex(one => one.key === newest);
  const named = useLive<CallPage>('live', signal => ask('api/calls/search',
    { method: 'POST', body: { limit: 100 }, signal }), 5_000, anyCall);
  const calls = useRef(new Map<string, Call>());
  for (const call of named.data?.calls ?? []) calls.current.set(call.id, call);
  const wanted = text.trim().toLowerCase();
  const rows = shown.current.filter(one => (!state || one.state === state) &&
    (!wanted || `${one.call} ${nameOf(calls.current.get(one.call))}`.toLowerCase().includes(wanted)));
  return (
    <Page title="Live" lead="What happens to calls right now: the last 200 changes."
      actions={<button type="button" aria-pressed={isHeld} onClick={() => hold(!isHeld)}>{isHeld ? 'Go on' : 'Hold'}</button>}>
      <form class="filters" role="search" onSubmit={event => event.preventDefault()}>
        <label class="wide">Only
          <input type="search" value={text} autocomplete="off" placeholder="CallSid, name or number"
            onInput={event => setText(event.currentTarget.value)} /></label>
        <label>State <select value={state} onChange={event => setState_(event.currentTarget.value)}>
          <option value="">any</option>
          {states.map(one => <option key={one} value={one}>{wordOf(one)}</option>)}
        </select></label>
      </form>
      {!isOn ? <p class="standing">{paused ? 'Paused: nothing is told. Press “Pause updates” above again to go on.' : 'Connecting…'}</p> : null}
      {waiting > 0 ? <p class="fresh"><button type="button" class="main" onClick={() => { hold(false); shown.current = all; setBusy(false); }}>
        Show {waiting} newer</button></p> : null}
      {rows.length === 0 && isOn ? <Empty>{all.length === 0 ? 'Nothing has happened since this page was opened.' : 'None of it matches.'}</Empty> : null}
      {rows.length > 0 ? <div onMouseEnter={() => setBusy(true)} onMouseLeave={() => setBusy(false)}
        onFocusIn={() => setBusy(true)} onFocusOut={() => setBusy(false)}><table class="list">
        <caption class="unseen">What changed, newest first</caption>
        <thead><tr>{['Time', 'Call', 'Now'].map(name => <th scope="col" key={name}>{name}</th>)}</tr></thead>
        <tbody>{rows.map(one => <Row key={one.key} one={one} call={calls.current.get(one.call)} />)}</tbody>
      </table></div> : null}
    </Page>
  );
}
