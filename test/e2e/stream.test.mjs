// Design 10: GET /api/stream tells what changes, as it changes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Stream } from './world/stream.mjs';
import { World, apiToken, send } from './world/world.mjs';
import { newSid, statusForm } from './world/twilio.mjs';

test('a call is told of from its first callback to the CRM', async t => {
  const world = await World.make(t);
  const stream = await Stream.open(world);
  assert.equal(stream.status, 200);
  assert.equal(stream.headers['content-type'], 'text/event-stream');
  assert.match(stream.headers['cache-control'], /no-store/);
  await stream.when(({ text }) => /^retry: \d+$/m.test(text));
  const form = statusForm({ CallStatus: 'ringing', CallDuration: '' });
  assert.equal((await world.status(form)).status, 204);
  await stream.when(() => stream.statesOf(form.CallSid).includes('open'));
  const over = { ...form, CallStatus: 'busy', SequenceNumber: '3' };
  assert.equal((await world.status(over)).status, 204);
  await stream.when(() => stream.statesOf(form.CallSid).at(-1) === 'delivered');
  assert.equal((await world.story(form.CallSid)).call.state, 'delivered');
  for (const { id, data } of stream.events) assert.match(id, new RegExp(`^\\d+-${data.seq}$`));
  assert.ok(!stream.text.includes(form.To), 'numbers do not travel');
  stream.close();
});

test('many changes come as at most four events a second', async t => {
  const world = await World.make(t);
  const stream = await Stream.open(world);
  const sids = Array.from({ length: 120 }, newSid);
  const begin = Date.now();
  while (Date.now() - begin < 1_500) {
    await Promise.all(sids.slice(0, 20).map(sid => world.status(statusForm({
      CallSid: sid, CallStatus: 'in-progress', SequenceNumber: String(Date.now() % 1e6) }))));
  }
  await Promise.all(sids.map(sid =>
    world.status(statusForm({ CallSid: sid, CallStatus: 'busy' }))));
  await stream.when(() => sids.every(sid => stream.statesOf(sid).at(-1) === 'delivered'), 10_000);
  for (const { at } of stream.events) {
    // What the network holds back for a moment may come together with the next one.
    const within = stream.events.filter(other => other.at >= at && other.at < at + 1_000).length;
    assert.ok(within <= 5, `${within} events within a second`);
  }
  stream.close();
});

test('one that was cut off goes on where it was, and starts anew after a restart', async t => {
  const world = await World.make(t);
  const first = await Stream.open(world);
  await first.when(() => first.lastId);
  first.close();
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  const second = await Stream.open(world, { lastId: first.lastId });
  await second.when(() => second.statesOf(sid).at(-1) === 'delivered');
  assert.ok(second.events.every(event => event.event === 'message'));
  const begin = Date.now();
  await world.process.stop();
  assert.ok(Date.now() - begin < 5_000, 'a stop waits for no stream');
  await second.when(() => second.isOver);
  await world.process.start();
  const third = await Stream.open(world, { lastId: second.lastId });
  await third.when(() => third.events.length > 0);
  assert.equal(third.events[0].event, 'reset');
  third.close();
});

test('it ends with its session', async t => {
  const world = await World.make(t);
  const json = { 'content-type': 'application/json' };
  const login = await send(world.process.port, {
    path: '/api/session', headers: json, body: JSON.stringify({ token: apiToken }),
  });
  const cookie = login.headers['set-cookie'][0].split(';')[0];
  const stream = await Stream.open(world, { cookie });
  assert.equal(stream.status, 200);
  await send(world.process.port, {
    method: 'DELETE', path: '/api/session',
    headers: { ...json, cookie, 'sec-fetch-site': 'same-origin' },
  });
  await stream.when(() => stream.isOver);
  assert.equal((await Stream.open(world, { cookie })).status, 401);
});

test('there are 64 streams, and they keep nobody else out', async t => {
  const world = await World.make(t);
  const streams = await Promise.all(Array.from({ length: 64 }, () => Stream.open(world)));
  assert.ok(streams.every(stream => stream.status === 200));
  const refused = await world.api('GET', '/api/stream');
  assert.equal(refused.status, 503);
  assert.match(refused.json.detail, /64 streams are open/);
  const sid = await world.ended({ CallStatus: 'busy' });
  await Promise.all(streams.map(one => one.when(() => one.statesOf(sid).at(-1) === 'delivered')));
  streams.pop().close();
  let again;
  for (let i = 0; i < 50 && again?.status !== 200; i++) again = await Stream.open(world);
  assert.equal(again.status, 200);
  for (const stream of [...streams, again]) stream.close();
});
