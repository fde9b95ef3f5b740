// Three PostgreSQL nodes under Patroni on one etcd, all on loopback: what decides who is the
// primary when one dies is the real thing. Writes wait for a standby (synchronous_mode_strict).
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync,
  rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './process.mjs';
import { until } from './wait.mjs';

const versions = '/usr/lib/postgresql';
const newest = existsSync(versions)
  ? readdirSync(versions).sort((a, b) => a - b).at(-1) : undefined;
const bin = path.join(versions, newest ?? '', 'bin');
const idOf = flag =>
  Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim());

const configOf = (node, etcdPort) => `
scope: wrapup
name: ${node.name}
restapi: {listen: '127.0.0.1:${node.restPort}', connect_address: '127.0.0.1:${node.restPort}'}
etcd3: {hosts: '127.0.0.1:${etcdPort}'}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    maximum_lag_on_failover: 0
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {wal_log_hints: 'on', hot_standby_feedback: 'off', max_connections: 60}
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, no-sync]
postgresql:
  listen: 127.0.0.1:${node.port}
  connect_address: 127.0.0.1:${node.port}
  data_dir: ${node.data}
  bin_dir: ${bin}
  pgpass: ${node.data}.pgpass
  parameters: {unix_socket_directories: '', shared_buffers: 64MB}
  pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
  authentication:
    superuser: {username: wrapup}
    replication: {username: replicator}
    rewind: {username: wrapup}
`;

// Patroni and its PostgreSQL; ended and frozen together or one by one.
class Node {
  constructor(cluster, name) { Object.assign(this, { cluster, name }); }

  start() {
    this.child = this.cluster.spawn('patroni', [this.config], this.name);
  }
  // The server's processes, or Patroni's with them.
  pids(withPatroni) {
    const file = path.join(this.data, 'postmaster.pid');
    const postmaster = existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : undefined;
    const children = `/proc/${postmaster}/task/${postmaster}/children`;
    const servers = existsSync(children)
      ? [postmaster, ...readFileSync(children, 'utf8').trim().split(' ')] : [];
    return [...servers.map(Number), ...(withPatroni ? [this.child.pid] : [])];
  }
  signal(signal, { withPatroni = true } = {}) {
    for (const pid of this.pids(withPatroni)) {
      try { process.kill(pid, signal); } catch { /* It was faster. */ }
    }
  }
  ask(sql) {
    const ran = spawnSync(path.join(bin, 'psql'), ['-X', '-A', '-t', '-q', '-h', '127.0.0.1', '-p',
      String(this.port), '-U', 'wrapup', '-d', 'postgres', '-c', sql],
    { encoding: 'utf8', timeout: 60_000, env: { ...process.env, PGCONNECT_TIMEOUT: '3' } });
    if (ran.status !== 0) throw new Error(`${this.name}: ${ran.error ?? ran.stderr}`);
    return ran.stdout.trim();
  }
}

export class PatroniCluster {
  #others = [];

  static async make() {
    assert.ok(newest, 'no PostgreSQL server: install postgresql');
    const cluster = new PatroniCluster();
    cluster.folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-patroni-'));
    cluster.user = process.getuid() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
    if (cluster.user.uid) chownSync(cluster.folder, cluster.user.uid, cluster.user.gid);
    const client = await freePort(), peer = await freePort();
    cluster.spawn('etcd', ['--data-dir', path.join(cluster.folder, 'etcd'),
      '--listen-client-urls', `http://127.0.0.1:${client}`,
      '--advertise-client-urls', `http://127.0.0.1:${client}`,
      '--listen-peer-urls', `http://127.0.0.1:${peer}`,
      '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`,
      '--initial-cluster', `default=http://127.0.0.1:${peer}`], 'etcd');
    await until(() => fetch(`http://127.0.0.1:${client}/health`).then(a => a.ok, () => false),
      15_000);
    cluster.nodes = [];
    for (const name of ['n1', 'n2', 'n3']) {
      const node = new Node(cluster, name);
      Object.assign(node, { port: await freePort(), restPort: await freePort(),
        data: path.join(cluster.folder, name), config: path.join(cluster.folder, `${name}.yml`) });
      writeFileSync(node.config, configOf(node, client));
      cluster.nodes.push(node);
      node.start();
      if (name === 'n1') await cluster.primary(60_000);
    }
    await cluster.isWhole();
    return cluster;
  }

  url(port = node => node.port) {
    const hosts = this.nodes.map(node => `127.0.0.1:${port(node)}`).join(',');
    return `postgres://wrapup@${hosts}/postgres`;
  }

  spawn(command, args, name) {
    const out = openSync(path.join(this.folder, `${name}.log`), 'a');
    const child = spawn(command, args, { cwd: this.folder, stdio: ['ignore', out, out],
      env: { PATH: `${bin}:${process.env.PATH}`, LC_ALL: 'C.UTF-8', HOME: this.folder },
      ...this.user });
    this.#others.push(child);
    return child;
  }

  // Who is the primary by its own word, not by what Patroni knew some seconds ago. Null: nobody.
  primaryNow() {
    return this.nodes.find(node => {
      try {
        return node.ask('SELECT pg_is_in_recovery()') === 'f';
      } catch { return false; }
    }) ?? null;
  }

  // `not`: another one than this.
  async primary(bound = 90_000, not = undefined) {
    let found;
    await until(async () => {
      found = this.primaryNow();
      return found !== null && found !== not;
    }, bound, () => 'no primary');
    return found;
  }

  // A primary, and two standbys that follow it, one of them synchronous.
  async isWhole(bound = 120_000) {
    const sql = "SELECT count(*), count(*) FILTER (WHERE sync_state <> 'async')"
      + " FROM pg_stat_replication WHERE state = 'streaming'";
    let told;
    await until(async () => {
      try {
        told = this.primaryNow()?.ask(sql);
      } catch (error) { told = String(error); }
      return told === '2|1';
    }, bound, () => `the cluster is not whole: ${told}`);
  }

  close() {
    for (const node of this.nodes ?? []) node.signal('SIGCONT');
    for (const child of this.#others) child.kill('SIGKILL');
    for (const node of this.nodes ?? []) node.signal('SIGKILL', { withPatroni: false });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
