// The dialler's MongoDB: nx-27017 as a process of its own, and mongoose that writes into it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './process.mjs';
import { until } from './wait.mjs';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const program = path.join(project, 'build/nx-27017/bin/nx-27017');

const accepts = port => new Promise(resolve => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

// The same port and files over restarts. At the end of the test `t` all is gone.
export class MongoServer {
  static async make(t) {
    assert.ok(existsSync(program), `no MongoDB server at ${program}: run test/mongo/setup-nx`);
    const server = new MongoServer();
    server.folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-mongodb-'));
    server.port = await freePort();
    t.after(async () => {
      await server.kill();
      rmSync(server.folder, { recursive: true, force: true });
    });
    return server.start();
  }

  get uri() { return `mongodb://127.0.0.1:${this.port}/dialler`; }

  async start() {
    this.child = spawn(program, [
      '--data-dir', path.join(this.folder, 'data'), '--host', '127.0.0.1', '-p', `${this.port}`,
      '--log-file', path.join(this.folder, 'log'), '--pid-file', path.join(this.folder, 'pid'),
      '--journal-mode', 'DELETE',
    ], { cwd: this.folder, stdio: 'ignore' });
    await until(() => {
      assert.equal(this.child.exitCode, null, 'the MongoDB server ended at its start');
      return accepts(this.port);
    }, 30_000);
    return this;
  }

  async kill() {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    child.kill('SIGCONT');
    await ended;
  }

  freeze() { this.child.kill('SIGSTOP'); }
  thaw() { this.child.kill('SIGCONT'); }

  // Of every file that holds documents.
  hash() {
    const files = readdirSync(path.join(this.folder, 'data')).sort();
    assert.ok(files.some(name => name.startsWith('dialler')), `no database in ${files}`);
    return files.map(name => {
      const bytes = readFileSync(path.join(this.folder, 'data', name));
      return `${name} ${crypto.createHash('sha256').update(bytes).digest('hex')}`;
    });
  }
}

// test/mongo/seed.mjs in a process of its own; see there for models and values.
export class Dialler {
  static async make(t, server) {
    const dialler = new Dialler();
    dialler.child = spawn(process.execPath, [path.join(project, 'test/mongo/seed.mjs'), server.uri],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => dialler.child.kill('SIGKILL'));
    dialler.lines = createInterface({ input: dialler.child.stdout })[Symbol.asyncIterator]();
    assert.deepEqual(await dialler.#answer(), { ready: true });
    return dialler;
  }

  async write(model, ...docs) { return (await this.#ask({ model, docs })).ids; }
  async index(collection, field) { await this.#ask({ index: collection, field }); }

  async #ask(request) {
    this.child.stdin.write(`${JSON.stringify({ db: 'dialler', ...request })}\n`);
    const answer = await this.#answer();
    assert.equal(answer.error, undefined);
    return answer;
  }

  async #answer() {
    const { value, done } = await this.lines.next();
    assert.ok(!done, 'the dialler ended; it needs mongoose (npm ci in test/e2e)');
    return JSON.parse(value);
  }
}
