import { useEffect, useState } from 'preact/hooks';
import { ask, useDoubt, useGet } from '../api';
import { countOf } from '../format';
import { announcement } from '../store';
import type { Destination, Status } from '../types';
import { Confirm, Empty, Moment, Page, Standing, State } from '../ui';
import { recordsOf } from './deliveries';

const breakers: Record<string, string> = {
  closed: 'closed: records are sent', open: 'open: it failed too often', half_open: 'half open: one is tried',
};

// One that fails is active too, and all but well.
export const healthOf = (one: Destination, status: Status | null): string => one.state !== 'active' ? one.state
  : one.breaker !== 'closed' || status?.alerts.some(({ alert }) => alert === `crm_refuses:${one.name}`) ? 'failing' : 'active';

// It fails since its breaker opened, not since it is active.
const sinceOf = (one: Destination, status: Status | null): string | null =>
  healthOf(one, status) === 'failing' ? one.breaker_since : one.since;

// What resuming sends: what waits, and what was parked because the destination was gone.
function Resumed({ one }: { one: Destination }) {
  const [parked, setParked] = useState<number | null | undefined>(undefined);
  useEffect(() => {
    void ask<{ count: number; left_out: { destination_lost: number } }>('api/replays', { method: 'POST', body: {
      filter: { destination: one.name, parked: 'destination_gone' }, preview: true,
    } }).then(answer => setParked(answer.kind !== 'ok' ? null
      // A replay cannot send these while the destination is gone.
      : answer.data.count + answer.data.left_out.destination_lost));
  }, [one.name]);
  if (parked === undefined) return <p role="status">Counting…</p>;
  if (parked === null) return <p>What waits is sent; it could not be counted.</p>;
  const sum = one.pending + parked, left = one.parked - parked;
  return (
    <p>{countOf(sum)} {sum === 1 ? 'record is' : 'records are'} sent.
      {left > 0 ? ` ${countOf(left)} stay parked for another reason: Failures sends them again.` : ''}</p>
  );
}

export function DestinationsPage() {
  const live = useGet<{ destinations: Destination[] }>('api/destinations', 3_000);
  const status = useGet<Status>('api/status', 10_000).data;
  const [asked, setAsked] = useState<{ one: Destination; act: 'pause' | 'resume' } | null>(null);
  const list = live.data?.destinations ?? null;
  const doubt = useDoubt(live);
  const carryOut = async (reason: string): Promise<string | null> => {
    if (!asked) return null;
    const answer = await ask(`api/destinations/${encodeURIComponent(asked.one.name)}/${asked.act}`,
      { method: 'POST', body: { reason } });
    live.reload();
    if (answer.kind === 'ok') {
      announcement.set(`${asked.one.name} is ${asked.act}d`);
      return null;
    }
    return answer.kind === 'refused' ? answer.detail : 'The server does not answer.';
  };
  return (
    <Page title="Destinations" lead="Where records go, and whether they arrive.">
      <Standing answer={live.answer} what="destinations" hasData={list !== null} />
      {list?.length === 0 ? <Empty>None is configured; records are parked as “delivery is disabled”.</Empty> : null}
      <div class="columns">
        {list?.map(one => ({ one, since: sinceOf(one, status) })).map(({ one, since }) => <section class="card" key={one.name} aria-label={one.name}>
          <h2>{one.name}</h2>
          <p><State state={doubt === null ? healthOf(one, status) : 'doubted'} />
            {since ? <span class="soft"> since <Moment at={since} /></span> : null}</p>
          <dl class="facts">
            <div><dt>Kind</dt><dd>{one.kind}</dd></div>
            {one.paused_by || one.reason ? <div><dt>Paused</dt><dd>{one.paused_by ? `by the ${one.paused_by === 'api' ? 'API' : one.paused_by}` : null}
              {one.reason ? ` “${one.reason}”` : null}</dd></div> : null}
            <div><dt>Breaker</dt><dd>{one.state !== 'active' && one.breaker === 'closed' ? 'closed' : breakers[one.breaker] ?? one.breaker}{one.retry_at ? <>, tries again <Moment at={one.retry_at} /></> : null}</dd></div>
            <div><dt>At once</dt><dd>{countOf(one.concurrency)} requests</dd></div>
            <div><dt>Waiting</dt><dd><a href={recordsOf(one, 'pending')}>{countOf(one.pending)}</a></dd></div>
            <div><dt>Parked</dt><dd><a href={recordsOf(one, 'parked')}>{countOf(one.parked)}</a></dd></div>
          </dl>
          {one.earlier > 0 ? <p>{countOf(one.earlier)} {one.earlier === 1 ? 'call' : 'calls'} settled without {one.name}, which is new or was away.
            {' '}<code>wrapup replay --destination {one.name} --earlier</code> sends the records.</p> : null}
          <div class="actions">
            {one.state === 'active'
              ? <button type="button" onClick={() => setAsked({ one, act: 'pause' })}>Pause {one.name}</button>
              : one.state === 'removed'
              ? <p class="soft">No settings name it any more. <code>wrapup replay --destination {one.name} --to NAME</code> sends what is parked for it elsewhere, <code>--give-up</code> ends it.</p>
              : <button type="button" class="main" onClick={() => setAsked({ one, act: 'resume' })}>Resume {one.name}</button>}
          </div>
        </section>)}
      </div>
      {asked ? <Confirm title={`${asked.act === 'pause' ? 'Pause' : 'Resume'} ${asked.one.name}?`}
        verb={asked.act === 'pause' ? 'Pause' : 'Resume'} wantsReason onDone={carryOut} onClose={() => setAsked(null)}>
        {asked.act === 'pause' ? <p>Records wait until it is resumed; none is lost.</p> : <Resumed one={asked.one} />}
      </Confirm> : null}
    </Page>
  );
}
