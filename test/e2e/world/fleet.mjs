// Several wrapup processes on one PostgreSQL.
import { PostgresServer } from './postgres.mjs';
import { Process } from './process.mjs';
import { World } from './world.mjs';

// `seen` is the world as others of its nodes show it: what it sends and asks goes to that one.
export const through = (world, process) => Object.assign(Object.create(world), { process });

// `prepare`: what its peers are to be like when the first node starts.
export async function makeFleet(t, count, settings = {}, prepare = () => {}) {
  const server = await PostgresServer.make(t);
  const world = await World.make(t, { DATABASE_URL: server.url, ELEVENLABS_API_KEY: undefined,
    WRAPUP_SUMMARY_WAIT: '200ms', WRAPUP_TWILIO_GRACE: '100ms', ...settings },
  { start: false });
  world.twilio.knob = () => ({ status: 404, body: { code: 20404, message: '', status: 404 } });
  prepare(world);
  await world.process.start();
  const nodes = [world];
  t.after(async () => {
    for (const node of nodes.slice(1)) {
      node.process.child.kill('SIGCONT');
      await node.process.stop();
      node.process.remove();
    }
  });
  while (nodes.length < count) {
    const process = new Process(world.process.settings);
    nodes.push(through(world, process));
    await process.start();
  }
  nodes.forEach(comeBack);
  return { server, world, nodes };
}

export const nodesOf = async node => (await node.api('GET', '/api/nodes')).json.nodes;
export const report = nodes => () =>
  nodes.map(node => node.process.log().slice(-1500)).join('\n---\n');

// Nobody waits for an answer of it any more.
export function leave(node) {
  node.isAway = true;
  node.tellGone?.();
}
export function comeBack(node) {
  node.isAway = false;
  node.gone = new Promise(resolve => { node.tellGone = resolve; });
}
