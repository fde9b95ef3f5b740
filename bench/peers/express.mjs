// What wrapup replaces, as people write it: a program that answers Twilio's status callback, looks
// up whom the call was for, asks ElevenLabs for the summary, and posts the record to the CRM once.
// It keeps nothing: what is under way when it ends is lost, and what fails is not tried again.
// script/bench peers runs it with the settings of wrapup.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Agent, request } from 'node:http';
import express from 'express';

const env = process.env;
const campaigns = new Map();  // By CallSid; as cheap as a look-up can be.
const done = new Set();
const outcomes = {
  'no-answer': 'no answer', busy: 'no answer', failed: 'no connection', canceled: 'no connection',
};
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const crm = new URL(env.CRM_WEBHOOK_URL);

function isSigned(req) {
  const fields = Object.keys(req.body).sort().map(key => key + req.body[key]).join('');
  const wanted = createHmac('sha1', env.TWILIO_AUTH_TOKEN)
    .update(env.SERVER_URL + req.originalUrl + fields).digest();
  const given = Buffer.from(req.get('X-Twilio-Signature') ?? '', 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function summaryOf(call) {
  if (outcomes[call.CallStatus]) return null;  // Nobody talked.
  const id = campaigns.get(call.CallSid)?.conversationId;
  const answer = await fetch(`https://api.elevenlabs.io/v1/convai/conversations/${id}`,
    { headers: { 'xi-api-key': env.ELEVENLABS_API_KEY ?? '' } });
  return answer.ok ? (await answer.json()).analysis?.transcript_summary : null;
}

function post(call, record) {
  const body = JSON.stringify(record);
  const headers = {
    'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body),
    'Idempotency-Key': call.CallSid,
  };
  request(crm, { agent, method: 'POST', headers }, answer => answer.resume())
    .on('error', console.error).end(body);
}

const app = express();
app.get('/readyz', (req, res) => res.send('ok'));
const form = express.urlencoded({ extended: false });
app.post('/call-status-callback', form, async (req, res) => {
  if (!isSigned(req)) return res.sendStatus(403);
  res.sendStatus(204);
  const call = req.body;
  const isOver = call.CallStatus === 'completed' || call.CallStatus in outcomes;
  if (!isOver || done.has(call.CallSid)) return;
  done.add(call.CallSid);
  const meta = campaigns.get(call.CallSid) ?? {};
  const status = outcomes[call.CallStatus]
    ?? (Number(call.CallDuration) > 0 ? 'held' : 'no connection');
  const summary = await summaryOf(call).catch(() => null) ?? `The call ended: ${status}.`;
  post(call, {
    type: 'conversationAICall', subject: meta.campaign ?? 'Outbound Call', to: call.To,
    name: meta.name ?? 'Unknown', summary, status, duration: Number(call.CallDuration),
  });
});
app.listen(Number(env.WRAPUP_LISTEN.split(':')[1]), '127.0.0.1');
