import { Fragment, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, useGet } from './api';
import { spanOf } from './format';
import { CallPage } from './pages/call';
import { CallsPage } from './pages/calls';
import { DeliveriesPage } from './pages/deliveries';
import { DestinationsPage } from './pages/destinations';
import { FailuresPage } from './pages/failures';
import { LivePage } from './pages/live';
import { LedgerPage } from './pages/ledger';
import { LogPage } from './pages/log';
import { SendersPage } from './pages/senders';
import { SettingsPage } from './pages/settings';
import { SignIn } from './pages/signin';
import { TimingPage } from './pages/timing';
import { TodayPage } from './pages/today';
import { href, route, type Route } from './route';
import { announcement, awaySince, isPaused, session, silentSince, useStore, zone } from './store';
import type { LedgerDay, Status } from './types';
import { Empty, Icon, Moment, Page } from './ui';

const places: [string, string][] = [
  ['today', 'Today'], ['calls', 'Calls'], ['live', 'Live'], ['failures', 'Failures'], ['timing', 'Timing'], ['ledger', 'Ledger'],
  ['destinations', 'Destinations'], ['senders', 'Senders'], ['settings', 'Settings'], ['log', 'Log'],
];

function Current({ at }: { at: Route }) {
  switch (at.page) {
    case 'today': return <TodayPage />;
    case 'calls': return at.id ? <CallPage key={at.id} id={at.id} /> : <CallsPage params={at.params} />;
    case 'live': return <LivePage />;
    case 'failures': return <FailuresPage />;
    case 'timing': return <TimingPage params={at.params} />;
    case 'ledger': return <LedgerPage params={at.params} />;
    case 'deliveries': return <DeliveriesPage params={at.params} />;
    case 'destinations': return <DestinationsPage />;
    case 'senders': return <SendersPage />;
    case 'settings': return <SettingsPage />;
    case 'log': return <LogPage params={at.params} />;
    default: return <Page title="Nothing here"><Empty>There is no such page.</Empty></Page>;
  }
}

function Connection() {
  const since = useStore(silentSince);
  const [, redraw] = useState(0);
  useEffect(() => {
    if (since === null) return undefined;
    const timer = window.setInterval(() => redraw(count => count + 1), 1_000);
    return () => window.clearInterval(timer);
  }, [since]);
  return (
    <div role="alert">
      {since === null ? null : <p class="lost"><Icon name="bad" /> Connection lost
        {' '}{spanOf(Math.floor((Date.now() - since) / 1_000) * 1_000)} ago. What you see may be old; it is tried again by itself.</p>}
    </div>
  );
}

// A store that is away: /readyz says so before any figure does, and when it is back.
function StoreHealth() {
  const { answer, at } = useGet<unknown>('readyz');
  const away = useStore(awaySince);
  useEffect(() => {
    if (answer?.kind === 'ok') awaySince.set(null);
    if (answer?.kind !== 'refused') return;
    const said = answer.body as { dependencies?: { store?: string } } | null;
    if (said?.dependencies?.store === 'away' && away === null) awaySince.set(at ?? Date.now());
  }, [answer]);
  return (
    <div role="alert">{away === null ? null : <p class="lost"><Icon name="bad" /> The store cannot be written or read: no event is acknowledged.
      {' '}What you see is of <Moment at={new Date(away).toISOString()} />; it is tried again by itself.</p>}</div>
  );
}

// After an upgrade the page in the browser is still the old one.
function Upgraded() {
  const status = useGet<Status>('api/status', 60_000, () => false).data;
  const [first, setFirst] = useState<string | null>(null);
  useEffect(() => { if (status && first === null) setFirst(status.version); }, [status]);
  return (
    <div role="status">{status && first !== null && status.version !== first
      ? <p class="lost">wrapup is {status.version} now; this page is of {first}.{' '}
        <button type="button" onClick={() => location.reload()}>Load it anew</button></p> : null}</div>
  );
}

function Frame() {
  const at = useStore(route);
  const paused = useStore(isPaused);
  const said = useStore(announcement);
  const today = useGet<LedgerDay>('api/ledger', 60_000);
  useEffect(() => { if (today.data) zone.set(today.data.timezone); }, [today.data]);
  useStore(zone);
  const signOut = async () => {
    await ask('api/session', { method: 'DELETE' });
    session.set('out');
  };
  return (
    <Fragment>
      <a class="skip" href="#main" onClick={event => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}>Skip to content</a>
      <header>
        <a class="brand" href={href('today')}>wrapup</a>
        <nav aria-label="Pages"><ul>
          {places.map(([page, name]) => <li key={page}><a href={href(page)}
            aria-current={at.page === page ? 'page' : undefined}>{name}</a></li>)}
        </ul></nav>
        <div class="tools">
          <button type="button" aria-pressed={paused} onClick={() => isPaused.set(!paused)}>Pause updates</button>
          <button type="button" onClick={signOut}>Sign out</button>
        </div>
      </header>
      <Connection />
      <StoreHealth />
      <Upgraded />
      <main id="main" tabIndex={-1}><Current at={at} /></main>
      <footer>Times in {zone.value.replaceAll('_', ' ')}.</footer>
      <div class="unseen" role="status">{said}</div>
    </Fragment>
  );
}

function App() {
  const who = useStore(session);
  useEffect(() => {
    if (who !== 'unknown') return undefined;
    let timer = 0;
    const look = async () => {
      const answer = await ask<{ signed_in: boolean }>('api/session');
      if (answer.kind === 'ok') session.set(answer.data.signed_in ? 'in' : 'out');
      else timer = window.setTimeout(look, 3_000);
    };
    void look();
    return () => window.clearTimeout(timer);
  }, [who]);
  if (who === 'out' || who === 'over') return <SignIn isOver={who === 'over'} />;
  if (who === 'unknown') return <Fragment><Connection /><main id="main"><p class="standing" role="status">Loading…</p></main></Fragment>;
  return <Frame />;
}

const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
