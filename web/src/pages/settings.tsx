import { useState } from 'preact/hooks';
import { useGet } from '../api';
import { plain } from '../format';
import { href } from '../route';
import type { Installation } from '../types';
import { Icon, Page, Standing } from '../ui';

const ranks = { broken: 0, note: 1, good: 2 };
const looks = { broken: ['bad', 'bad'], note: ['soft', 'note'], good: ['good', 'ok'] } as const;

function Findings({ all }: { all: Installation }) {
  const findings = [...all.findings].sort((a, b) => ranks[a.level] - ranks[b.level]);
  const wanted = all.server_url_that_would_match;
  return (
    <section class="card" aria-labelledby="findings"><h2 id="findings">What the doctor finds</h2>
      {wanted ? <p class="bad" role="alert"><Icon name="bad" /> Twilio’s requests are signed for another address and were refused.
        SERVER_URL should begin with <code>{plain(wanted)}</code>. <a href={href('senders')}>What was refused</a></p> : null}
      <ul class="plain values">{findings.map(one => <li key={one.text}>
        <span class={looks[one.level][0]}><Icon name={looks[one.level][1]} />{' '}
          <span class="unseen">{one.level}: </span></span>{plain(one.text)}
        {one.advice ? <span class="soft"> · {plain(one.advice)}</span> : null}</li>)}</ul>
      <p class="soft"><code>wrapup doctor</code> also tries the CRM, Twilio, ElevenLabs and the clock.</p>
    </section>
  );
}

function Values({ all }: { all: Installation }) {
  const [isWhole, setWhole] = useState(false);
  const rows = isWhole ? all.settings : all.settings.filter(one => one.source !== 'default');
  return (
    <section class="card" aria-labelledby="values"><h2 id="values">Settings that count</h2>
      <p><button type="button" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
        {isWhole ? 'Only what was set' : `All ${all.settings.length}`}</button></p>
      {rows.length === 0 ? <p>Nothing is set; all is as it comes.</p> : <table class="list values">
        <caption class="unseen">Settings, in the order of the reference</caption>
        <thead><tr>{['Setting', 'Value', 'From'].map(name => <th scope="col" key={name}>{name}</th>)}</tr></thead>
        <tbody>{rows.map(one => <tr key={one.name}>
          <th scope="row"><code>{one.name}</code></th>
          <td data-name="Value">{one.value === null ? '–' : one.secret ? <>set, and not shown</> : plain(one.value)}</td>
          <td data-name="From">{one.source}</td></tr>)}</tbody></table>}
    </section>
  );
}

export function SettingsPage() {
  const live = useGet<Installation>('api/settings', 30_000);
  return (
    <Page title="Settings" lead="What counts here, where it was said, and whether it will work.">
      <Standing answer={live.answer} what="settings" hasData={live.data !== null} />
      {live.data ? <><Findings all={live.data} /><Values all={live.data} /></> : null}
    </Page>
  );
}
