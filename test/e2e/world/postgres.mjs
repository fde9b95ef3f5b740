// A PostgreSQL of the test's own: a throw-away cluster on loopback under an unprivileged user, for
// the server refuses root. Nothing is synced: loss of power is not asked here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync,
  writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './process.mjs';
import { until } from './wait.mjs';

const root = '/usr/lib/postgresql';
const newest = existsSync(root) ? readdirSync(root).sort((a, b) => a - b).at(-1) : undefined;
const idOf = (flag, name) =>
  Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim());

// The same port and files over restarts. At the end of the test `t` all is gone.
export class PostgresServer {
  static async make(t, { password } = {}) {
    assert.ok(newest, 'no PostgreSQL server: install postgresql');
    const server = new PostgresServer();
    server.folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-postgres-'));
    server.data = path.join(server.folder, 'data');
    server.port = await freePort();
    server.password = password;
    if (process.getuid() === 0) {
      server.user = { uid: idOf('-u', 'postgres'), gid: idOf('-g', 'postgres') };
      chownSync(server.folder, server.user.uid, server.user.gid);
    }
    t.after(() => {
      server.stop('immediate');
      rmSync(server.folder, { recursive: true, force: true });
    });
    const passwordFile = path.join(server.folder, 'password');
    if (password !== undefined) writeFileSync(passwordFile, password, { mode: 0o644 });
    server.#run('initdb', ['-D', server.data, '-U', 'wrapup', '-A',
      password === undefined ? 'trust' : 'scram-sha-256', '--no-sync', '-E', 'UTF8',
      '--locale=C.UTF-8', ...(password === undefined ? [] : [`--pwfile=${passwordFile}`])]);
    return server.start();
  }

  get url() { return this.urlOf(this.password); }
  urlOf(password) {
    const who = password === undefined ? 'wrapup' : `wrapup:${password}`;
    return `postgres://${who}@127.0.0.1:${this.port}/postgres`;
  }

  start(settings = '') {
    this.#run('pg_ctl', ['-D', this.data, '-l', path.join(this.data, 'log'), '-w', '-o',
      `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off `
      + settings, 'start']);
    return this;
  }

  stop(how = 'fast') { this.#run('pg_ctl', ['-D', this.data, '-m', how, '-w', 'stop'], true); }

  // The answer as text, one line per row.
  ask(sql) {
    return this.#run('psql', ['-X', '-A', '-t', '-q', '-d', this.url, '-c', sql]).trim();
  }

  // Another server that follows this one, as `name` in synchronous_standby_names.
  async standby(t, name) {
    const standby = new PostgresServer();
    Object.assign(standby, { folder: this.folder, user: this.user, password: this.password, name,
      data: path.join(this.folder, name), port: await freePort() });
    t.after(() => standby.stop('immediate'));
    this.#run('pg_basebackup', ['-D', standby.data, '-d', this.url, '-R', '-X', 'stream', '-C',
      '-S', name, '-c', 'fast', '--no-sync']);
    appendFileSync(path.join(standby.data, 'postgresql.auto.conf'), `cluster_name = '${name}'\n`);
    return standby.start();
  }
  promote() { this.#run('pg_ctl', ['-D', this.data, '-w', 'promote']); }
  // Commits wait for one of these from now on.
  waitsFor(...standbys) {
    const names = standbys.map(standby => standby.name).join(', ');
    this.ask(`ALTER SYSTEM SET synchronous_standby_names = '${names && `ANY 1 (${names})`}'`);
    this.ask('SELECT pg_reload_conf()');
  }
  // To this one, instead of whom it followed.
  async follow(primary) {
    primary.ask(`SELECT pg_create_physical_replication_slot('${this.name}')`);
    const to = `host=127.0.0.1 port=${primary.port} user=wrapup`;
    this.ask(`ALTER SYSTEM SET primary_conninfo = '${to}'`);
    this.ask('SELECT pg_reload_conf()');
    await until(() => primary.ask('SELECT count(*) FROM pg_stat_replication') !== '0', 30_000);
  }
  // The server with all its processes: SIGSTOP, SIGCONT.
  signal(signal) {
    const file = path.join(this.data, 'postmaster.pid');
    if (!existsSync(file)) return;
    const [postmaster] = readFileSync(file, 'utf8').split('\n');
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
    for (const pid of [postmaster, ...children.trim().split(' ')]) {
      try { process.kill(Number(pid), signal); } catch { /* It was faster. */ }
    }
  }

  #run(program, args, mayFail = false) {
    const ran = spawnSync(path.join(root, newest, 'bin', program), args,
      { cwd: '/', encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C' },
        stdio: ['ignore', program === 'pg_ctl' ? 'ignore' : 'pipe', 'pipe'], ...this.user });
    const log = path.join(this.data, 'log');
    assert.ok(mayFail || ran.status === 0, `${program}: ${ran.error ?? ran.stderr}`
      + (existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : ''));
    return ran.stdout ?? '';
  }
}
