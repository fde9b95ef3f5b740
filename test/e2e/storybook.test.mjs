// Every page of the dashboard in every state, from canned answers, in a real browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { Visitor, openBrowser } from './world/browser.mjs';
import { Contract } from './world/contract.mjs';
import { binary, freePort } from './world/process.mjs';

const document = new URL('../../src/http/api/openapi.json', import.meta.url);
const contract = new Contract(JSON.parse(readFileSync(document, 'utf8')));
let browser, server, port;
before(async () => {
  browser = await openBrowser();
  port = await freePort();
  server = spawn(binary, ['storybook', '--listen', `127.0.0.1:${port}`],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
});
after(async () => {
  server?.kill('SIGTERM');
  await browser?.close();
});

const visitorOf = t => Visitor.make(t, browser, { process: { port } });

// What each page was told is what the API could have said.
async function checkAnswers(page, name) {
  const answered = await page.evaluate(() => window.answered);
  for (const { method, path, status, body } of answered) {
    const operation = contract.find(method, `/${path}`);
    assert.ok(operation, `${name}: the API has no ${method} ${path}`);
    contract.check(operation, {
      status, json: body, text: body === null ? '' : JSON.stringify(body).slice(0, 2_000),
      headers: body === null ? {}
        : { 'content-type': status < 400 || path === 'readyz' ? 'application/json'
          : 'application/problem+json' },
    });
  }
}

async function open(visitor, { name, hash, world }) {
  const { page } = visitor;
  await page.goto(`${visitor.origin}/?story=${name}${hash}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (world === 'loading') await page.getByText(/Loading|Connecting/).first().waitFor();
  else await page.getByText('Loading').first().waitFor({ state: 'detached' });
  const isRefused = world === 'error' && hash !== '#/live';
  if (isRefused) await page.getByText('the store cannot be used').first().waitFor();
}

async function checkStory(visitor, story) {
  const { page } = visitor;
  // Of the others dashboard.test.mjs takes pictures, with real calls.
  const [, pictured] = /^(?!call|today)(\w+)-many$/.exec(story.name) ?? [];
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 860 });
  await open(visitor, story);
  for (const width of [1280, 320]) {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width, height: 860 });
    await visitor.checkAccess(`${story.name}, light, ${width} pixels`);
    if (pictured && width > 320) await visitor.takePicture(pictured);
    // What a theme can change for the worse is contrast.
    await page.emulateMedia({ colorScheme: 'dark' });
    await visitor.checkAccess(`${story.name}, dark, ${width} pixels`, ['color-contrast']);
    if (pictured && width === 320) await visitor.takePicture(`${pictured}-narrow`);
  }
  await checkAnswers(page, story.name);
  if (story.world === 'hostile') {
    assert.equal(await page.locator('img').count(), 0, story.name);
    const text = await page.evaluate(() => document.body.textContent);
    assert.doesNotMatch(text, /[\u0000\u202e]/, `${story.name} shows what turns text around`);
  }
}

for (const world of ['empty', 'loading', 'error', 'one', 'many', 'hostile', null]) {
  const states = ['empty', 'loading', 'error', 'one', 'many', 'hostile'];
  const stateOf = story => states.find(state => story.name.endsWith(`-${state}`)) ?? null;
  const isIts = story => story.world !== 'long' && stateOf(story) === world;
  test(`each page's story “${world ?? 'others'}” is fit for all`, async t => {
    const visitor = await visitorOf(t);
    await visitor.page.goto(`${visitor.origin}/`);
    if (world === null) await visitor.checkAccess('the list of stories');
    const stories = (await visitor.page.evaluate(() => window.stories)).filter(isIts);
    assert.ok(stories.length > 2);
    for (const story of stories) await checkStory(visitor, story);
  });
}

test('of a long call the middle is shown when it is asked for', async t => {
  const visitor = await visitorOf(t);
  const { page } = visitor;
  await page.goto(`${visitor.origin}/?story=call-long#/calls/${'CA'.padEnd(34, '0')}`);
  const steps = page.locator('.timeline li');
  await steps.nth(399).waitFor();
  assert.equal(await steps.count(), 400);
  await page.getByRole('button', { name: /^Show the \d+ steps in between/ }).press('Enter');
  await steps.nth(422).waitFor();
});

test('in trouble no page says that all is well', async t => {
  const visitor = await visitorOf(t);
  const { page } = visitor;
  const show = async (name, hash) => {
    await page.goto(`${visitor.origin}/?story=${name}${hash}`);
    await page.getByText('Loading').first().waitFor({ state: 'detached' });
  };
  await show('today-trouble', '#/today');
  await page.locator('.verdict.wait', { hasText: 'is not known' }).waitFor();
  assert.equal(await page.locator('.verdict.good').count(), 0);
  await page.getByRole('link', { name: '3 given up' }).waitFor();
  const needs = await page.locator('.needs li').allInnerTexts();
  for (const need of [/1 call parked: gave up/, /refuses our credentials/, /crm answers 401/,
    /campaign spring has paused itself/, /gone is gone/, /2 calls not placed.*buy the number/,
    /1 call to be cancelled.*hang up/, /1 call of which nobody knows/]) {
    assert.equal(needs.filter(text => need.test(text)).length, 1, `${need}\n${needs.join('\n')}`);
  }
  assert.equal(needs.length, 8, needs.join('\n'));
  assert.equal(await page.locator('.state.active').count(), 0);
  await show('ledger-trouble', '#/ledger');
  const unexplained = await page.locator('td[data-name=Unexplained]').allInnerTexts();
  assert.deepEqual(unexplained, ['not known', 'not known', '0']);
  await page.getByText('nothing is claimed of what may be missing').waitFor();
  await show('destinations-trouble', '#/destinations');
  await page.getByText('32 calls settled without crm').waitFor();
  assert.equal(await page.locator('.state.active').count(), 0);
  await show('destinations-many', '#/destinations');
  await page.getByText('by the dashboard “the CRM moves”').waitFor();
  await show('no-such-campaign', '#/calls?campaign=Renewal');
  await page.getByText('people by a part of theirs').waitFor();
  await show('no-such-call', `#/calls?call_sid=CA${'9'.padStart(32, '0')}`);
  await page.getByText('wrapup send SID').waitFor();
});

test('notes are not marked as broken, and nothing touches what follows', async t => {
  const visitor = await visitorOf(t);
  const { page } = visitor;
  await page.goto(`${visitor.origin}/?story=settings-many#/settings`);
  await page.locator('.values .bad').waitFor();
  assert.equal(await page.locator('.values .bad').count(), 1);
  await page.goto(`${visitor.origin}/?story=failures-one#/failures`);
  await page.getByRole('heading', { name: 'Replays' }).waitFor();
  const gap = await page.evaluate(() => {
    const [table] = [...document.querySelectorAll('.list')].slice(-1);
    const below = document.querySelector('[aria-labelledby=replays]');
    return below.getBoundingClientRect().top - table.getBoundingClientRect().bottom;
  });
  assert.ok(gap >= 10, `${gap} pixels`);
});

test('a story is chosen from the list, and asks no server', async t => {
  const visitor = await visitorOf(t);
  await visitor.page.goto(`${visitor.origin}/`);
  await visitor.page.getByRole('link', { name: 'calls-many' }).click();
  await visitor.page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor();
  await visitor.page.locator('tbody tr').nth(49).waitFor();
  const told = visitor.urls.filter(url => url.includes('/api/'));
  assert.deepEqual(told, [], 'no server is asked');
  const { headers } = await fetch(`${visitor.origin}/`);
  assert.match(headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'/);
  assert.equal((await fetch(`${visitor.origin}/api/calls`)).status, 404);
});
