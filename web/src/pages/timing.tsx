import { useMemo } from 'preact/hooks';
import { useGet } from '../api';
import { clockOf, countOf, momentOf, spanOf } from '../format';
import { href } from '../route';
import type { Delay, Stats } from '../types';
import { Page, Standing, useIsNarrow } from '../ui';

interface Span { key: string; name: string; hours: number; unit: number }
const minute = 60_000, hour = 3_600_000;
const spans: Span[] = [
  { key: 'hours', name: 'Two hours', hours: 2, unit: minute },
  { key: 'day', name: 'A day', hours: 24, unit: hour },
  { key: 'week', name: 'A week', hours: 168, unit: hour },
];
const lines = [['p50_ms', 'half'], ['p95_ms', '95 of 100'], ['p99_ms', '99 of 100']] as const;
const height = 220, foot = 24;

// Powers of ten between which everything lies, in ms.
function decades(points: Delay[]): number[] {
  const all = points.flatMap(point => [Math.max(1, point.p50_ms), Math.max(1, point.p99_ms)]);
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all))));
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

// Where nothing was accepted there is a gap, and no line across it.
function pathOf(points: Delay[], unit: number, at: (point: Delay) => [number, number]): string {
  return points.map((point, i) => {
    const before = points[i - 1];
    const isNext = before !== undefined && Date.parse(point.at) - Date.parse(before.at) === unit;
    const [x, y] = at(point);
    return `${isNext ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}${isNext ? '' : 'h.1'}`;
  }).join('');
}

function Drawing({ points, span, from, until }: { points: Delay[]; span: Span; from: number; until: number }) {
  const [width, left] = useIsNarrow() ? [290, 76] : [900, 104];
  const marks = decades(points);
  const low = marks[0]!, high = marks.at(-1)!;
  const most = Math.max(...points.map(point => point.count));
  const x = (time: number) => left + (time - from) / (until - from) * (width - left);
  const y = (ms: number) => (height - foot) * (1 - (Math.log10(Math.max(1, ms)) - low) / (high - low));
  const bar = Math.max(1, span.unit / (until - from) * (width - left) - 1);
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      {points.map(point => {
        const tall = point.count / most * (height - foot) * .5;
        return <rect key={point.at} x={x(Date.parse(point.at))} y={height - foot - tall} width={bar} height={tall} />;
      })}
      {marks.map(mark => <g key={mark}>
        <line x1={left} x2={width} y1={y(10 ** mark)} y2={y(10 ** mark)} />
        <text x={left - 6} y={y(10 ** mark) + (mark === high ? 10 : 4)} class="end">{spanOf(10 ** mark)}</text></g>)}
      {lines.map(([name]) => <path key={name} class={name}
        d={pathOf(points, span.unit, point => [x(Date.parse(point.at) + span.unit / 2), y(point[name])])} />)}
      <text x={left} y={height - 4}>{momentOf(new Date(from).toISOString()).slice(0, -3)}</text>
      <text x={width} y={height - 4} class="end">{momentOf(new Date(until).toISOString()).slice(0, -3)}</text>
    </svg>
  );
}

function Chart({ points, span, from, until }: { points: Delay[]; span: Span; from: number; until: number }) {
  const records = points.reduce((sum, point) => sum + point.count, 0);
  const worst = points.reduce((one, point) => point.p95_ms > one.p95_ms ? point : one);
  const last = points.at(-1)!;
  return (
    <figure class="card">
      <figcaption><b>{countOf(records)}</b> {records === 1 ? 'delivery' : 'deliveries'} accepted. 95 of 100 within {spanOf(last.p95_ms)} at last;
        {' '}slowest {momentOf(worst.at)}: {spanOf(worst.p95_ms)}.</figcaption>
      <Drawing points={points} span={span} from={from} until={until} />
      <ul class="legend">{lines.map(([name, words]) => <li key={name}><i class={name} /> {words} within</li>)}
        <li><i class="count" /> deliveries per {span.unit === minute ? 'minute' : 'hour'}</li></ul>
      <details><summary>The same as a table</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="Hang-up to CRM as a table"><table>
          <caption class="unseen">From the end of the call to the CRM, newest first</caption>
          <thead><tr>{['From', 'Deliveries', ...lines.map(([, words]) => `${words} within`)].map(name =>
            <th scope="col" key={name} class={name === 'From' ? '' : 'number'}>{name}</th>)}</tr></thead>
          <tbody>{[...points].reverse().map(point => <tr key={point.at}>
            <th scope="row">{span.unit === minute ? clockOf(point.at) : momentOf(point.at)}</th>
            <td class="number">{countOf(point.count)}</td>
            {lines.map(([name]) => <td class="number" key={name}>{spanOf(point[name])}</td>)}</tr>)}</tbody>
        </table></div></details>
    </figure>
  );
}

export function TimingPage({ params }: { params: URLSearchParams }) {
  const span = spans.find(one => one.key === params.get('span')) ?? spans[0]!;
  // Once for each span: another address would be another question, and the drawing would blink.
  const from = useMemo(() => Math.floor(Date.now() / minute) * minute - span.hours * hour, [span]);
  const live = useGet<Stats>(`api/stats?from=${new Date(from).toISOString()}`, 10_000);
  const rows = live.data === null ? null : span.unit === minute ? live.data.delay.minutes : live.data.delay.hours;
  return (
    <Page title="Timing" lead="From the end of a call to the CRM's acceptance." actions={
      <nav aria-label="Span"><ul class="spans">{spans.map(one => <li key={one.key}><a href={href('timing', { span: one.key })}
        aria-current={one === span ? 'true' : undefined}>{one.name}</a></li>)}</ul></nav>}>
      <Standing answer={live.answer} what="timing" hasData={rows !== null} />
      {rows === null ? null : rows.length === 0 ? <p class="standing">Nothing was accepted in this time.</p>
        : <Chart points={rows} span={span} from={Math.max(from, Date.parse(rows[0]!.at) - 5 * span.unit)} until={Date.now()} />}
    </Page>
  );
}
