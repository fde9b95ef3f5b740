import { useRef, useState } from 'preact/hooks';
import { ask, useGet } from '../api';
import { clockOf, plain, spanOf, wordOf } from '../format';
import { href } from '../route';
import { announcement } from '../store';
import type { Attempt, Delivery, SendAnswer, Story } from '../types';
import { Confirm, Copy, Download, Icon, Moment, Page, Standing, State, Text, useIsNarrow } from '../ui';

const lanes = ['Twilio', 'ElevenLabs', 'wrapup', 'CRM'] as const;
type Lane = (typeof lanes)[number];
interface Step {
  at: string; lane: Lane; title: string; note?: string; isBad?: boolean; isLate?: boolean;
  detail?: string; key: string;
}

const laneOf = (kind: string, source: string): Lane =>
  /eleven|conversation|transcription|initiation/.test(`${kind} ${source}`) ? 'ElevenLabs'
    : /operator|metadata|import/.test(`${kind} ${source}`) ? 'wrapup' : 'Twilio';

function titleOf(kind: string, payload: unknown): string {
  const fields = payload !== null && typeof payload === 'object' ? payload as Record<string, unknown> : {};
  const said = fields.CallStatus ?? fields.AnsweredBy ?? fields.status ?? fields.action;
  const name = wordOf(kind.replace(/^[a-z]+\./, ''));
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return typeof said === 'string' ? `${title}: ${said}` : title;
}

function attemptTitle(attempt: Attempt): string {
  const status = attempt.http_status === null ? '' : ` with ${attempt.http_status}`;
  return `Try ${attempt.number}${attempt.again ? ' (again)' : ''}: ${attempt.outcome}${status}`;
}

const requestOf = (story: Story, delivery: Delivery) => JSON.stringify(story.record, null, 2) +
  `\n\nwebhook-id: ${delivery.webhook_id}\nIdempotency-Key: ${story.call.id}`;

function stepsOf(story: Story): Step[] {
  const { call } = story;
  const steps: Step[] = story.events.map(event => ({
    key: `e${event.seq}`, at: event.received_at, lane: laneOf(event.kind, event.source),
    title: titleOf(event.kind, event.payload), note: event.source, isLate: event.late,
    detail: JSON.stringify(event.payload, null, 2),
  }));
  if (call.ended_at) steps.push({ key: 'ended', at: call.ended_at, lane: 'Twilio', title: 'The call ended' });
  if (call.settled_at) {
    steps.push({ key: 'settled', at: call.settled_at, lane: 'wrapup', title: 'The record was fixed',
      ...(story.record ? { detail: JSON.stringify(story.record, null, 2) } : {}) });
  }
  for (const delivery of story.deliveries) {
    for (const attempt of delivery.attempts) {
      steps.push({
        key: `a${delivery.id}-${attempt.number}`, at: attempt.started_at, lane: 'CRM',
        title: attemptTitle(attempt), isBad: attempt.outcome !== 'accepted',
        note: `${attempt.destination ?? delivery.destination}, ${spanOf(attempt.elapsed_ms)}${attempt.error ? `: ${attempt.error}` : ''}`,
        detail: `Request\n${requestOf(story, delivery)}\n\nAnswer\n${attempt.answer ?? '(none)'}`,
      });
    }
  }
  return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

// The drawing beside the list says nothing that the list does not.
function Axis({ steps }: { steps: Step[] }) {
  const times = steps.map(step => Date.parse(step.at));
  const first = Math.min(...times), span = Math.max(1, Math.max(...times) - first);
  const right = useIsNarrow() ? 270 : 676;
  const x = (at: string) => 96 + ((Date.parse(at) - first) / span) * (right - 96);
  return (
    <svg class="axis" viewBox={`0 0 ${right + 24} 128`} aria-hidden="true" focusable="false">
      {lanes.map((lane, i) => <g key={lane}>
        <text x="0" y={i * 28 + 20}>{lane}</text>
        <line x1="96" x2={right} y1={i * 28 + 16} y2={i * 28 + 16} />
        {steps.filter(step => step.lane === lane).map(step => <circle key={step.key}
          class={step.isBad ? 'bad' : step.isLate ? 'late' : ''} cx={x(step.at)} cy={i * 28 + 16} r="5.5" />)}
      </g>)}
      <text x="96" y="124">0 s</text>
      <text x={right} y="124" class="end">{spanOf(span)}</text>
    </svg>
  );
}

const Timeline = ({ steps }: { steps: Step[] }) => {
  const first = steps[0] ? Date.parse(steps[0].at) : 0;
  const [isWhole, setWhole] = useState(false);
  const isCut = steps.length > 400 && !isWhole;
  const shown = isCut ? [...steps.slice(0, 200), ...steps.slice(-200)] : steps;
  return (
    <>
      <ol class="timeline">
        {shown.map(step => <li key={step.key} class={`lane-${step.lane.toLowerCase()}${step.isBad ? ' bad' : ''}`}>
          <div class="when"><time dateTime={step.at}>{clockOf(step.at)}</time>
            <span class="soft">+{spanOf(Date.parse(step.at) - first)}</span></div>
          <div class="what">
            <p><span class="lane">{step.lane}</span> <b>{step.isBad ? <Icon name="bad" /> : null} {plain(step.title)}</b>
              {step.isLate ? <em> late: it came after the record was fixed</em> : null}
              {step.note ? <span class="soft"> · {plain(step.note)}</span> : null}</p>
            {step.detail ? <details><summary>Show what was said<span class="unseen"> by {step.lane} at {clockOf(step.at)}: {plain(step.title)}</span></summary>
              <pre tabIndex={0}><Text text={step.detail} /></pre></details> : null}
          </div>
        </li>)}
      </ol>
      {isCut ? <button type="button" onClick={() => setWhole(true)}>Show the {steps.length - 400} steps in between</button> : null}
    </>
  );
};

function curlOf(story: Story): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const id = story.deliveries[0]?.webhook_id;
  return ['curl -X POST "$CRM_WEBHOOK_URL"', "-H 'Content-Type: application/json'",
    ...(id ? [`-H ${quoted(`webhook-id: ${id}`)}`, `-H ${quoted(`Idempotency-Key: ${story.call.id}`)}`] : []),
    '-H "Authorization: $CRM_AUTHORIZATION"',
    `--data-raw ${quoted(JSON.stringify(story.record))}`].join(' \\\n  ');
}

const labels: Record<string, string> = {
  final_status: 'Final status', final_status_from: 'said by', duration_s: 'Duration in s',
  answered_by: 'Answered by', call_result: 'Result', to: 'To', from: 'From', direction: 'Direction',
  started_at: 'Started', ended_at: 'Ended', agent_id: 'Agent', had_conversation: 'Conversation', no_agent: 'No agent',
  summary: 'Summary', name: 'Name',
};

function Facts({ story }: { story: Story }) {
  const rows = Object.entries(story.facts).filter(([, value]) => value !== null && value !== '');
  const { call } = story;
  return (
    <dl class="facts">
      <div><dt>Call</dt><dd><code>{call.call_sid ?? call.id}</code></dd></div>
      {call.conversation_id ? <div><dt>Conversation</dt><dd><code>{call.conversation_id}</code></dd></div> : null}
      {call.campaign ? <div><dt>Campaign</dt><dd><a href={href('calls', { campaign: call.campaign })}>{plain(call.campaign)}</a></dd></div> : null}
      {rows.map(([name, value]) => <div key={name}><dt>{labels[name] ?? wordOf(name)}</dt>
        <dd>{name.endsWith('_at') ? <Moment at={String(value)} /> : typeof value === 'boolean' ? (value ? 'yes' : 'no') : <Text text={String(value)} />}</dd></div>)}
    </dl>
  );
}

const doubtful = ['delivered', 'out_of_scope', 'merged'];

export function CallPage({ id }: { id: string }) {
  const [asking, setAsking] = useState<'send' | 'park' | null>(null);
  const [said, setSaid] = useState<SendAnswer | null>(null);
  const known = useRef(id); // Its identity, once known: a conversation's id may have led here.
  const live = useGet<Story>(`api/calls/${encodeURIComponent(id)}`, 3_000,
    changed => changed === id || changed === known.current);
  const story = live.data;
  if (story) known.current = story.call.id;
  const send = async (): Promise<string | null> => {
    const answer = await ask<SendAnswer>('api/test-crm-webhook', { method: 'POST', body: { callSid: id, again: story?.call.state === 'delivered' } });
    live.reload();
    if (answer.kind === 'ok') {
      setSaid(answer.data);
      announcement.set(answer.data.message);
      return null;
    }
    return answer.kind === 'refused' ? answer.detail : 'The server does not answer.';
  };
  const park = async (reason: string): Promise<string | null> => {
    const answer = await ask<{ parked: number }>(`api/calls/${encodeURIComponent(id)}/park`, { method: 'POST', body: { reason } });
    live.reload();
    if (answer.kind === 'ok') {
      announcement.set('The record is parked.');
      return null;
    }
    return answer.kind === 'refused' ? answer.detail : 'The server does not answer.';
  };
  const title = story?.call.name ?? story?.call.to ?? 'Call';
  const steps = story ? stepsOf(story) : [];
  return (
    <Page title={plain(title)} lead={story ? <State state={story.call.state} parked={story.call.parked} /> : null}
      actions={story ? <>
        <button type="button" class="main" onClick={() => { setSaid(null); setAsking('send'); }}>Send now</button>
        {story.deliveries.some(one => one.state === 'pending')
          ? <button type="button" onClick={() => { setSaid(null); setAsking('park'); }}>Park</button> : null}
        {story.record ? <Copy label="Copy as curl" text={() => curlOf(story)} /> : null}
        <Download name={`${id}.json`} text={() => JSON.stringify(story, null, 2)} />
      </> : null}>
      <Standing answer={live.answer} what="call" hasData={story !== null} />
      {story ? <>
        <p class={`why ${story.call.state}`}>{plain(story.why)}</p>
        {said ? <p class="good" role="status"><Icon name="ok" /> {said.message}</p> : null}
        <section aria-labelledby="steps" class="card">
          <h2 id="steps">What happened</h2>
          {steps.length > 1 ? <Axis steps={steps} /> : null}
          <Timeline steps={steps} />
        </section>
        <div class="columns">
          <section aria-labelledby="record" class="card"><h2 id="record">Record</h2>
            {story.record ? <pre tabIndex={0} aria-label="The record as JSON"><Text text={JSON.stringify(story.record, null, 2)} /></pre>
              : <p>It is not fixed yet.</p>}</section>
          <section aria-labelledby="facts" class="card"><h2 id="facts">Facts</h2><Facts story={story} /></section>
        </div>
      </> : null}
      {asking === 'park' && story ? <Confirm title="Park this record?" verb="Park" wantsReason onDone={park} onClose={() => setAsking(null)}>
        <p>It is not tried any more, at any destination that it is on its way to, until somebody sends it.</p>
      </Confirm> : null}
      {asking === 'send' && story ? <Confirm title="Send this record now?" verb="Send" onDone={send} onClose={() => setAsking(null)}>
        <p>{doubtful.includes(story.call.state) ? 'The CRM has it already: the same bytes are sent again, with the same key, marked as sent again.'
          : 'One record goes to the CRM at once, in the ordinary way.'}</p>
      </Confirm> : null}
    </Page>
  );
}
