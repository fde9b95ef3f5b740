import { useGet, type Live } from '../api';
import { countOf, plain, spanOf, wordOf } from '../format';
import { href } from '../route';
import type { Reconciliation, Status } from '../types';
import { Good, Icon, Moment, Page, Standing } from '../ui';

const Heard = ({ status, name }: { status: Status | null; name: string }) => {
  const sender = status?.senders.find(one => one.name === name);
  if (!sender) return null;
  if (!sender.open) return <p class="bad"><Icon name="bad" /> Its endpoint is not configured.</p>;
  const isYoung = Date.parse(status!.now) - Date.parse(status!.started_at) < 3_600_000;
  return <p>{countOf(sender.last_hour)} {sender.last_hour === 1 ? 'event' : 'events'} {isYoung ? 'since the start' : 'within the last hour'}, the last one {sender.last_at ? <Moment at={sender.last_at} /> : 'not yet'}.</p>;
};

const Side = ({ name, of, trouble, children }: {
  name: string; of: Live<unknown>; trouble: { since: string; count: number; what: string } | null; children?: preact.ComponentChildren;
}) => (
  <section class="card" aria-label={name}>
    <h2>{name}</h2>
    {trouble ? <p class="bad"><Icon name="bad" /> {plain(trouble.what)}, {countOf(trouble.count)} times since <Moment at={trouble.since} /></p>
      : <Good of={of}>No trouble with its API.</Good>}
    {children}
  </section>
);

export function SendersPage() {
  const live = useGet<Reconciliation>('api/reconciliation', 10_000);
  const status = useGet<Status>('api/status', 10_000).data;
  const all = live.data;
  return (
    <Page title="Senders" lead="Twilio and ElevenLabs: what they told, what was refused, what was asked of them.">
      <Standing answer={live.answer} what="comparison with Twilio" hasData={all !== null} />
      {all ? <>
        <div class="columns">
          <Side name="Twilio" of={live} trouble={all.twilio.trouble}>
            <Heard status={status} name="twilio" />
            {all.twilio.clock_ahead_s ? <p>Its clock is {spanOf(all.twilio.clock_ahead_s * 1_000)} ahead of ours.</p> : null}
            <p>Compared until <Moment at={all.listed_until} />{all.next_at ? <>, next <Moment at={all.next_at} /></> : null}.</p>
          </Side>
          <Side name="ElevenLabs" of={live} trouble={all.elevenlabs.trouble}>
            <Heard status={status} name="elevenlabs" />
            {all.webhooks === null ? <p class="soft">Its webhooks were not asked for yet.</p> : <ul class="plain">
              {all.webhooks.map(webhook => <li key={webhook.url ?? ''}>
                {webhook.is_disabled || webhook.is_auto_disabled ? <span class="bad"><Icon name="bad" /> switched off </span> : <span class="good"><Icon name="ok" /> on </span>}
                {plain(webhook.name ?? '')} <code>{plain(webhook.url ?? '')}</code>
                {webhook.last_error ? <small> · last error {plain(webhook.last_error)} <Moment at={webhook.last_failed_at} /></small> : null}</li>)}</ul>}
          </Side>
          <section class="card" aria-label="Refused requests">
            <h2>Refused requests</h2>
            {all.refused.length === 0 ? <Good of={live}>None since the start.</Good>
              : <ul class="plain">{all.refused.map(one => <li key={one.cause}><b>{countOf(one.count)}</b> {wordOf(one.cause)}</li>)}</ul>}
            <p class="soft">A wrong SERVER_URL shows as “wrong server url”; <a href={href('settings')}>Settings</a> names the address that would match.</p>
          </section>
        </div>
        <section class="card" aria-labelledby="runs"><h2 id="runs">Comparisons with Twilio</h2>
          {all.runs.length === 0 ? <p>None yet.</p> : <table class="list">
            <caption class="unseen">The last comparisons, newest first</caption>
            <thead><tr>{['Run', 'State', 'From', 'To', 'Listed', 'Missed', 'Taken over'].map(name => <th scope="col" key={name} class={/Listed|Missed|over/.test(name) ? 'number' : ''}>{name}</th>)}</tr></thead>
            <tbody>{all.runs.map(run => <tr key={run.id}>
              <th scope="row">{run.id}{run.ordered ? ' (ordered)' : ''}</th>
              <td data-name="State">{wordOf(run.state)}{run.error ? `: ${plain(run.error)}` : ''}</td>
              <td data-name="From"><Moment at={run.from} /></td><td data-name="To"><Moment at={run.to} /></td>
              <td data-name="Listed" class="number">{countOf(run.counts.listed ?? 0)}</td>
              <td data-name="Missed" class="number">{countOf(run.counts.missed ?? 0)}</td>
              <td data-name="Taken over" class="number">{countOf(run.counts.appended ?? 0)}</td>
            </tr>)}</tbody></table>}
        </section>
      </> : null}
    </Page>
  );
}
