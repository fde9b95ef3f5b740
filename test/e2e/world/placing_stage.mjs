// wrapup that places its calls through the sandbox's Twilio and ElevenLabs.
import assert from 'node:assert/strict';
import { apiToken, send } from './world.mjs';
import { Process, freePort } from './process.mjs';
import { SandboxProcess } from './sandbox.mjs';
import { until } from './wait.mjs';

export const serverUrl = port => `http://127.0.0.1:${port}`;

export class Stage {
  static async make(t, settings = {}, knobs = {}) {
    const stage = new Stage(), port = await freePort();
    stage.sandbox = await SandboxProcess.make(t, ['--target', serverUrl(port), '--speed', '60',
      '--processing', '0', '--crm-latency', '1']);
    await stage.sandbox.post('/sandbox/placing',
      { ring_ms: 100, talk_ms: 200, outcome: 'held', calls_per_minute: 6000, ...knobs });
    stage.process = new Process({ ...stage.sandbox.environment, WRAPUP_API_TOKEN: apiToken,
      SERVER_URL: serverUrl(port), WRAPUP_RECONCILE_INTERVAL: '0', WRAPUP_SUMMARY_WAIT: '5s',
      WRAPUP_CALLS_PER_SECOND: '50', WRAPUP_CALLS_MAX: '100', WRAPUP_LISTEN: `127.0.0.1:${port}`,
      ...settings });
    stage.process.port = port;
    t.after(async () => {
      const exit = await stage.process.stop(), log = stage.process.log();
      stage.process.remove();
      assert.ok(!/AddressSanitizer|runtime error:|Assertion|terminate called/.test(log), log);
      // LeakSanitizer's tracer sometimes dies of itself at the very end.
      const isTracer = /LeakSanitizer has encountered a fatal error/.test(log);
      const code = isTracer ? 0 : exit.code;
      assert.deepEqual([code, exit.signal], [0, null], log.slice(-2000));
    });
    await stage.process.start();
    return stage;
  }

  api(method, path, body, headers = {}) {
    return send(this.process.port, {
      method, path, body: body === undefined ? '' : JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiToken}`,
        ...headers },
    });
  }

  place(body, headers) { return this.api('POST', '/api/calls', body, headers); }

  async played() { return (await fetch(`${this.sandbox.control}/sandbox/placing`)).json(); }

  async intentWhen(id, check, bound = 15_000) {
    let last;
    return until(async () => {
      last = (await this.api('GET', `/api/intents/${id}`)).json;
      return check(last) && last;
    }, bound, () => `the intent stays ${JSON.stringify(last)}\n${this.process.log().slice(-3000)}`);
  }

  async callWhen(sid, check, bound = 20_000) {
    let last;
    return until(async () => {
      last = (await this.api('GET', `/api/calls/${sid}`)).json;
      return last && check(last) && last;
    }, bound, () => `the call stays ${JSON.stringify(last)}`);
  }
}
