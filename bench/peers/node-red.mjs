// The same flow in Node-RED 4, started with the settings of wrapup: an http-in node, a function,
// an answer to Twilio and a request node to the CRM whose connections are kept. Only for calls that
// nobody took: ElevenLabs is not asked.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const settle = `
const call = msg.req.body;
const fields = Object.keys(call).sort().map(key => key + call[key]).join('');
const isSigned = global.get('createHmac')('sha1', env.get('TWILIO_AUTH_TOKEN'))
  .update(env.get('SERVER_URL') + msg.req.originalUrl + fields).digest('base64')
  === msg.req.get('X-Twilio-Signature');
msg.statusCode = isSigned ? 204 : 403;
const outcomes = {
  'no-answer': 'no answer', busy: 'no answer', failed: 'no connection', canceled: 'no connection',
};
const done = global.get('done');
const status = outcomes[call.CallStatus];
if (!isSigned || !status || done.has(call.CallSid)) return [msg, null];
done.add(call.CallSid);
const meta = global.get('campaigns').get(call.CallSid) || {};
return [msg, {
  url: env.get('CRM_WEBHOOK_URL'),
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': call.CallSid },
  payload: {
    type: 'conversationAICall', subject: meta.campaign || 'Outbound Call', to: call.To,
    name: meta.name || 'Unknown', summary: 'The call ended: ' + status + '.', status,
    duration: Number(call.CallDuration),
  },
}];`;

const at = { z: 'flow', x: 0, y: 0 };
const post = { method: 'POST', ret: 'txt', paytoqs: 'ignore', url: '', persist: true };
const callback = { url: '/call-status-callback', method: 'post' };
const flow = [
  { id: 'flow', type: 'tab', label: 'calls' },
  { ...at, id: 'ready', type: 'http in', url: '/readyz', method: 'get', wires: [['answer']] },
  { ...at, id: 'callback', type: 'http in', ...callback, wires: [['settle']] },
  { ...at, id: 'settle', type: 'function', func: settle, outputs: 2, wires: [['answer'], ['crm']] },
  { ...at, id: 'answer', type: 'http response', statusCode: '', wires: [] },
  { ...at, id: 'crm', type: 'http request', ...post, wires: [[]] },
];

const userDir = mkdtempSync(path.join(tmpdir(), 'node-red-'));
const port = process.env.WRAPUP_LISTEN.split(':')[1];
const settings = `module.exports = {
  flowFile: 'flows.json', uiHost: '127.0.0.1', uiPort: ${port}, httpAdminRoot: false,
  logging: { console: { level: 'error' } },
  functionGlobalContext: {
    createHmac: require('crypto').createHmac, campaigns: new Map(), done: new Set(),
  },
};`;
writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(flow));
writeFileSync(path.join(userDir, 'settings.js'), settings);
const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.join(here, 'node_modules/node-red/red.js');
process.argv = [process.argv[0], program, '--userDir', userDir,
  '--settings', path.join(userDir, 'settings.js')];
await import(program);
