// P1 and P2 under the hardest end there is: kill -9 in the middle of a burst, over and over.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World } from './world/world.mjs';
import { statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';

const burst = 1_000;
const rounds = Number(process.env.WRAPUP_TEST_KILL_ROUNDS ?? (process.env.CI === 'true' ? 3 : 10));

// Sends callbacks over many connections until `stopAt` are acknowledged, then kills. Every fifth
// call is somebody's conversation, so that settling and delivering are under way as well.
async function burstAndKill(world, stopAt) {
  const acknowledged = new Set();
  let isKilled = false;
  const ended = until(() => acknowledged.size >= stopAt, 60_000).then(async () => {
    isKilled = true;
    await world.process.kill();
  });
  const senders = Array.from({ length: 64 }, async () => {
    while (!isKilled && acknowledged.size < burst + 64) {
      const form = statusForm({ CallStatus: acknowledged.size % 5 === 0 ? 'completed' : 'busy' });
      try {
        const answer = await world.status(form);
        if (answer.status === 204) acknowledged.add(form.CallSid);
      } catch { return; } // Cut off by the kill: not acknowledged, so nothing is owed.
    }
  });
  await Promise.all([ended, ...senders]);
  return acknowledged;
}

test(`kill -9 during a burst of ${burst} callbacks, ${rounds} times`, async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '200ms', ELEVENLABS_API_KEY: undefined,
    WRAPUP_TWILIO_GRACE: '100ms' });
  world.twilio.knob = () => ({ status: 404, body: { code: 20404, message: '', status: 404 } });
  // The CRM answers slowly now and then, so that kills fall between its word and our noting it.
  let count = 0;
  world.crm.answer = () => ((count += 1) % 7 === 0 ? { status: 200, delay: 40 }
    : count % 11 === 0 ? { status: 503 } : { status: 200 });
  for (let round = 1; round <= rounds; round += 1) {
    const acknowledged = await burstAndKill(world, burst);
    assert.ok(acknowledged.size >= burst);
    await world.process.start();
    await until(() => [...acknowledged].every(sid => world.crm.records(sid).length > 0), 60_000,
      () => `round ${round}: ${[...acknowledged].filter(sid => !world.crm.records(sid).length)
        .length} of ${acknowledged.size} acknowledged calls have no record`);
    for (const sid of acknowledged) {
      // More than one only where a kill fell between the CRM's acceptance and our note of it; then
      // body and keys are the same, so that a CRM that honours either files it once.
      const keys = new Set(world.crm.attempts(sid).map(r =>
        `${r.headers['webhook-id']} ${r.headers['idempotency-key']} ${r.body}`));
      assert.equal(keys.size, 1, `round ${round}: ${sid} has ${keys.size} different records`);
    }
  }
});
