// packaging/: what monitors wrapup, against the metrics of a running server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { PostgresServer } from './world/postgres.mjs';
import { until } from './world/wait.mjs';
import { World } from './world/world.mjs';

const packaging = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../packaging');
const rulesFile = path.join(packaging, 'prometheus/alerts.yml');
const rules = readFileSync(rulesFile, 'utf8');
const dashboard = JSON.parse(readFileSync(path.join(packaging, 'grafana/dashboard.json'), 'utf8'));
const promtool = (...args) => execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' });

// As Grafana asks Prometheus: with its variables filled in.
const filledIn = expression =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*');
const panelExpressions = dashboard.panels.flatMap(
  panel => panel.targets.map(target => filledIn(target.expr)));
const ruleExpressions = [...rules.matchAll(/^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm)]
  .map(match => match[1] ?? match[2]);

// {name: {label: Set of values}} of a page in the text format.
function metricsOf(page) {
  const metrics = {};
  for (const [, name, labels = ''] of page.matchAll(/^(\w+)(?:\{(.*?)\})? \S+$/gm)) {
    metrics[name] ??= {};
    for (const [, label, value] of labels.matchAll(/(\w+)="(.*?)"/g)) {
      (metrics[name][label] ??= new Set()).add(value);
    }
  }
  return metrics;
}

// Prometheus adds these to what it fetches.
const scraped = new Set(['instance', 'job']);

// A gauge shows the one state that its destination is in.
const states = ['active', 'paused', 'gone', 'removed', 'disabled'];
const isKnown = (metrics, name, label, value) => metrics[name][label]?.has(value) ||
  (name === 'wrapup_destination_state' && label === 'state' && states.includes(value));

function assertAsksForWhatExists(expression, metrics) {
  const names = expression.match(/\bwrapup_\w+/g) ?? [];
  assert.ok(names.length > 0 || /^up\{/.test(expression), `asks for nothing: ${expression}`);
  for (const name of names) assert.ok(name in metrics, `no metric ${name}: ${expression}`);
  for (const [, name, selector] of expression.matchAll(/\b(wrapup_\w+)\{(.*?)\}/g)) {
    for (const [, label, wanted] of selector.matchAll(/(\w+)=~?"(.*?)"/g)) {
      if (scraped.has(label)) continue;
      for (const value of wanted.split('|')) {
        assert.ok(isKnown(metrics, name, label, value), `${name} has no ${label}="${value}"`);
      }
    }
  }
  const labels = new Set([...scraped, 'le', ...names.flatMap(name => Object.keys(metrics[name]))]);
  for (const [, list] of expression.matchAll(/\bby \((.*?)\)/g)) {
    for (const label of list.split(', ')) {
      assert.ok(labels.has(label), `no label ${label}: ${expression}`);
    }
  }
}

test('rules and dashboard ask only for metrics and labels that there are', async t => {
  const server = await PostgresServer.make(t);  // It has metrics of its own.
  const world = await World.make(t, { DATABASE_URL: server.url });
  world.crm.answer = () => ({ status: 422 });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.call.state === 'parked');
  // The gauges are read at most every 10 s, while somebody looks.
  let metrics;
  await until(async () => {
    metrics = metricsOf((await world.api('GET', '/metrics', undefined, { bearer: null })).text);
    return 'wrapup_parked_calls' in metrics;
  }, 25_000);
  assert.equal(ruleExpressions.length, rules.match(/- alert: /g).length);
  for (const expression of [...ruleExpressions, ...panelExpressions]) {
    assertAsksForWhatExists(expression, metrics);
  }
  assert.throws(() => assertAsksForWhatExists('wrapup_calls_total > 0', metrics), /no metric/);
  assert.throws(() => assertAsksForWhatExists('wrapup_calls{state="lost"}', metrics), /no state/);
  assert.throws(() => assertAsksForWhatExists('sum by (cause) (wrapup_calls)', metrics), /label/);
});

test('the dashboard shows the database, and what each node of a fleet tells only once', () => {
  const asked = panelExpressions.join('\n');
  for (const name of ['up', 'timeline', 'connects_total', 'commits_total', 'commit_seconds_bucket',
    'round_trips_sum']) assert.ok(asked.includes(`wrapup_database_${name}{`), name);
  const gauges = /wrapup_(parked_calls|deliveries_\w+|unknown_outcome_attempts)\{/;
  for (const expression of panelExpressions.filter(one => gauges.test(one))) {
    assert.match(expression, /^max/);
  }
});

test('a rule takes what each node tells of the store once, and adds up its counters', () => {
  const ofStore = /wrapup_(parked_calls|deliveries_\w+|breaker_open|destination_state)/g;
  for (const expression of ruleExpressions) {
    for (const { index } of expression.matchAll(ofStore)) {
      assert.match(expression.slice(0, index), /max by \(job, \w+(, \w+)?\) \($/, expression);
    }
  }
});

test('Prometheus takes the rules, and each fires when it should', () => {
  assert.match(promtool('check', 'rules', rulesFile), /SUCCESS: \d+ rules/);
  const files = ['alerts_test.yml', 'alerts_week_test.yml']
    .map(name => path.join(packaging, 'prometheus', name));
  promtool('test', 'rules', ...files);
  const tests = files.map(file => readFileSync(file, 'utf8')).join();
  for (const [, alert] of rules.matchAll(/- alert: (\w+)/g)) {
    const rests = new RegExp(`{ alertname: ${alert}, .*exp_alerts: \\[\\]`);
    const fires = new RegExp(`alertname: ${alert}\\n.*\\n +exp_alerts:\\n`);
    assert.match(tests, rests, `${alert} rests`);
    assert.match(tests, fires, `${alert} fires`);
  }
});

test('Prometheus understands every question of the dashboard', t => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-dashboard-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const asRules = panelExpressions.map((expression, index) =>
    ({ record: `panel:${index}`, expr: expression }));
  const file = path.join(folder, 'panels.json');  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: asRules }] }));
  assert.match(promtool('check', 'rules', file), new RegExp(`${panelExpressions.length} rules`));
  const ids = dashboard.panels.map(panel => panel.id);
  assert.equal(new Set(ids).size, ids.length);
});
