// The one stream of this page: which calls changed. A browser has few connections for all its tabs,
// so it is open only while somebody looks.
import { ask } from './api';
import { isPaused, session, Store } from './store';

export interface Change { call: string; state: string }
export interface Heard extends Change { at: number; seq: number; key: string }

// What happened to the calls that changed; null: anything may have.
type Listener = (changes: Change[] | null) => void;
const listeners = new Set<Listener>();
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}
const tell: Listener = changes => { for (const listener of [...listeners]) listener(changes); };

export const isStreaming = new Store(false);
const tailMax = 200;
// The last changes, newest first, since the page was opened.
export const tail = new Store<Heard[]>([]);

let source: EventSource | null = null;
let retry = 0;
const retryAfter = 5_000;

function heard(event: MessageEvent<string>): void {
  const data = JSON.parse(event.data) as { seq: number; calls: Change[] };
  const at = Date.now();
  const fresh = data.calls.map((change, i) =>
    ({ ...change, at, seq: data.seq, key: `${event.lastEventId} ${i}` })).reverse();
  tail.set([...fresh, ...tail.value].slice(0, tailMax));
  tell(data.calls);
}

function close(): void {
  window.clearTimeout(retry);
  source?.close();
  source = null;
  isStreaming.set(false);
}

function open(): void {
  const mine = new EventSource('api/stream');
  source = mine;
  // What changed before it was open nobody told.
  mine.onopen = () => { isStreaming.set(true); tell(null); };
  mine.onmessage = heard;
  mine.addEventListener('reset', () => tell(null));
  mine.onerror = () => {
    isStreaming.set(false);
    tell(null); // Whoever asks now finds out whether the server is there.
    if (mine.readyState !== EventSource.CLOSED || source !== mine) return;
    // Refused: the session is over, or there are too many. The browser does not come again.
    close();
    retry = window.setTimeout(follow, retryAfter);
    void ask<{ signed_in: boolean }>('api/session').then(answer => {
      if (answer.kind === 'ok' && !answer.data.signed_in && session.value === 'in') session.set('over');
    });
  };
}

function follow(): void {
  const isWanted = session.value === 'in' && !isPaused.value && !document.hidden;
  if (!isWanted) close();
  else if (source === null) { window.clearTimeout(retry); open(); }
}

for (const one of [session, isPaused]) one.watch(follow);
document.addEventListener('visibilitychange', follow);
window.addEventListener('pagehide', close);
window.addEventListener('pageshow', follow);
