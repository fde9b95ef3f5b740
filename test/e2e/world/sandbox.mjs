// `wrapup sandbox` as a process of its own, steered by its control API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { binary } from './process.mjs';
import { until } from './wait.mjs';

export class SandboxProcess {
  #said = '';

  // At the end of the test `t` it is gone.
  static async make(t, args = []) {
    const sandbox = new SandboxProcess();
    sandbox.child = spawn(binary, ['sandbox', '--control-port', '0', '--twilio-port', '0',
      '--elevenlabs-port', '0', '--crm-port', '0',
      ...(args.includes('--target') ? [] : ['--target', 'http://127.0.0.1:9']), ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    sandbox.child.stdout.setEncoding('utf8').on('data', text => { sandbox.#said += text; });
    t.after(async () => {
      if (sandbox.child.exitCode !== null) return;
      const ended = once(sandbox.child, 'exit');
      sandbox.child.kill('SIGTERM');
      await ended;
    });
    await until(() => /\/sandbox\/calls/.test(sandbox.#said), 10_000);
    [, sandbox.control] = sandbox.#said.match(/POST (http:\S+)\/sandbox\/calls/);
    return sandbox;
  }

  // The settings it prints.
  get environment() {
    return Object.fromEntries([...this.#said.matchAll(/^export (\w+)='(.*)'$/mg)]
      .map(([, name, value]) => [name, value]));
  }

  async post(path, body) {
    const answer = await fetch(this.control + path, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  async account() { return (await fetch(`${this.control}/sandbox/account`)).json(); }
}
