// The dashboard's own pages with canned answers: ?story=NAME shows one, without it all are listed.
// Nothing but fetch and EventSource is replaced.
import { render } from 'preact';
import { answerOf, problem, worlds, type Reply } from './answers';
import { stories, type Story } from './stories';

// For tests: what was answered here.
const answered: { method: string; path: string; status: number; body: unknown }[] = [];
Object.assign(window, { stories, answered });

type Answerer = (method: string, path: string, query: URLSearchParams, body: unknown) => Reply | 'never' | 'nobody';

function answererOf(story: Story): Answerer {
  const make = worlds[story.world];
  if (make) {
    const world = make();
    return (method, path, query, body) => answerOf(world, method, path, query, body);
  }
  const isSession = (path: string) => path === 'api/session';
  const signedIn: Reply = { status: 200, body: { signed_in: true } };
  const away: Reply = { status: 503, body: { status: 'not ready', dependencies: { store: 'away' } } };
  const begun = Date.now();
  switch (story.world) {
    case 'loading': return (_, path) => isSession(path) ? signedIn : 'never';
    case 'error': return (_, path) => isSession(path) ? signedIn : path === 'readyz' ? away : problem(503, 'the store cannot be used at the moment');
    case 'lost': return (_, path) => isSession(path) && Date.now() - begun < 1_000 ? signedIn : 'nobody';
    case 'over': return (_, path) => isSession(path) ? signedIn : path === 'readyz' ? 'never' : problem(401, 'sign in');
    default: return (method, path) => !isSession(path) ? problem(401, 'sign in')
      : method === 'POST' ? problem(401, 'wrong token') : { status: 200, body: { signed_in: false } };
  }
}

function replaceFetch(answer: Answerer): void {
  window.fetch = (input, options = {}) => new Promise((resolve, reject) => {
    const url = new URL(String(input), location.href);
    const method = options.method ?? 'GET', path = url.pathname.slice(url.pathname.search(/\/(api\/|readyz$)/) + 1);
    const body = typeof options.body === 'string' ? JSON.parse(options.body) : null;
    const reply = answer(method, path, url.searchParams, body);
    options.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    if (reply === 'never') return;
    if (reply === 'nobody') { reject(new TypeError('nobody answers')); return; }
    answered.push({ method, path, status: reply.status, body: reply.body });
    resolve(new Response(reply.body === null ? null : JSON.stringify(reply.body), { status: reply.status }));
  });
}

function replaceEventSource(story: Story): void {
  const calls = worlds[story.world]?.().calls ?? [];
  class CannedSource {
    static readonly CLOSED = 2;
    readyState = 0;
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string; lastEventId: string }) => void) | null = null;
    onerror: (() => void) | null = null;
    constructor() {
      if (story.world === 'loading') return;
      window.setTimeout(() => worlds[story.world] ? this.begin() : this.fail());
    }
    private begin(): void {
      this.readyState = 1;
      this.onopen?.();
      calls.forEach(({ id, state }, seq) => this.onmessage?.(
        { data: JSON.stringify({ seq, calls: [{ call: id, state }] }), lastEventId: `story-${seq}` }));
    }
    private fail(): void { this.readyState = CannedSource.CLOSED; this.onerror?.(); }
    addEventListener(): void { /* No stream is reset here. */ }
    close(): void { this.readyState = CannedSource.CLOSED; }
  }
  Object.assign(window, { EventSource: CannedSource });
}

const List = () => (
  <main id="main">
    <h1>Storybook</h1>
    <p>The dashboard's pages in each state, from canned answers. No server is asked.</p>
    <ul class="plain">{stories.map(({ name, hash }) => <li key={name}><a href={`?story=${name}${hash}`}>{name}</a></li>)}</ul>
  </main>
);

const wanted = new URLSearchParams(location.search).get('story');
const story = stories.find(({ name }) => name === wanted);
if (story) {
  if (!location.hash) location.hash = story.hash;
  replaceFetch(answererOf(story));
  replaceEventSource(story);
  void import('../src/main');
} else {
  render(<List />, document.getElementById('app')!);
}
