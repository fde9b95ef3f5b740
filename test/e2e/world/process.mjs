// One wrapup process with a data folder of its own, driven from outside.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync }
  from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

const project = fileURLToPath(new URL('../../../', import.meta.url));
export const binary = path.resolve(process.env.WRAPUP_BIN ??
  path.join(project, 'build/release/wrapup'));

// Below those that the system gives to outgoing connections, which may take one before we listen.
export function freePort() {
  // Above 10080, which fetch refuses as a bad port.
  const port = 10_081 + Math.floor(Math.random() * 21_900);
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', () => freePort().then(resolve, reject));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}

export class Process {
  exit = null; // { code, signal } once it ended.

  constructor(settings) {
    if (!existsSync(binary)) throw new Error(`no binary at ${binary}; build it: script/build`);
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-e2e-'));
    this.data = path.join(this.folder, 'data');
    mkdirSync(this.data, { mode: 0o700 });
    this.logFile = path.join(this.folder, 'log.txt');
    this.settings = settings;
  }

  environment() {
    const all = {
      PATH: process.env.PATH, HOME: this.folder, WRAPUP_LISTEN: `127.0.0.1:${this.port}`,
      WRAPUP_DATA_DIR: this.data, ...this.settings,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  // `wrapper`: a command to run it under, such as one that sets a limit.
  async launch({ wrapper = [] } = {}) {
    this.port ??= await freePort();
    this.exit = null;
    const out = openSync(this.logFile, 'a');
    const [command, ...rest] = [...wrapper, binary, 'serve'];
    this.child = spawn(command, rest, {
      cwd: this.folder, env: this.environment(), stdio: ['ignore', out, out],
    });
    closeSync(out);
    const child = this.child;
    this.ended = new Promise(resolve => {
      child.once('exit', (code, signal) => resolve(this.exit = { code, signal }));
      child.once('error', error => resolve(this.exit = { code: -1, signal: String(error) }));
    });
    return this;
  }

  async start(options) {
    await this.launch(options);
    await until(async () => {
      if (this.exit) {
        throw new Error(`ended at its start: ${JSON.stringify(this.exit)}\n${this.log()}`);
      }
      return await this.answers('/readyz');
    }, 15_000, () => `wrapup is not ready\n${this.log()}`);
    return this;
  }

  async answers(pathname) {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${pathname}`);
      await response.arrayBuffer();
      return response.status === 200;
    } catch { return false; }
  }

  // Runs one command of the command line to its end; resolves with { status, stdout, stderr }. Not
  // synchronously: the command may ask the peers, which answer from this very process.
  run(args, extra = {}) {
    const child = spawn(binary, args, {
      cwd: this.folder, env: { ...this.environment(), ...extra },
      stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000,
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', text => { said[name] += text; });
    }
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', status => resolve({ status, ...said }));
    });
  }

  async kill() { this.child.kill('SIGKILL'); return this.ended; }

  // The orderly way; returns how it ended and how long that took.
  async stop() {
    if (!this.child || this.exit) return { ...this.exit, elapsed: 0 };
    const from = Date.now();
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 12_000);
    const exit = await this.ended;
    clearTimeout(timer);
    return { ...exit, elapsed: Date.now() - from };
  }

  // Whether its store keeps how far an import has come.
  keepsImport() {
    const script = 'import sqlite3, sys\n' +
      'db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)\n' +
      'kept = db.execute("SELECT 1 FROM kept_values WHERE key = \'import.progress\'")\n' +
      'sys.exit(kept.fetchone() is None)\n';
    return spawnSync('python3', ['-c', script, path.join(this.data, 'wrapup.db')]).status === 0;
  }

  log() { return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : ''; }
  remove() { rmSync(this.folder, { recursive: true, force: true }); }
}
