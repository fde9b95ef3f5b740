// What wrapup replaces, as people write it, with the libraries that the vendors' own examples use:
// answers Twilio's status callback, looks up whom the call was for, asks ElevenLabs for the
// summary, and posts the record to the CRM once. It keeps nothing: what is under way when it ends
// is lost, and what fails is not tried again. script/bench peers runs it with wrapup's settings.
import axios from 'axios';
import express from 'express';
import twilio from 'twilio';

const env = process.env;
const campaigns = new Map();  // By CallSid; as cheap as a look-up can be.
const done = new Set();
const outcomes = {
  'no-answer': 'no answer', busy: 'no answer', failed: 'no connection', canceled: 'no connection',
};

async function summaryOf(call) {
  if (outcomes[call.CallStatus]) return null;  // Nobody talked.
  const id = campaigns.get(call.CallSid)?.conversationId;
  const { data } = await axios.get(`https://api.elevenlabs.io/v1/convai/conversations/${id}`,
    { headers: { 'xi-api-key': env.ELEVENLABS_API_KEY ?? '' } });
  return data.analysis?.transcript_summary;
}

const app = express();
app.get('/readyz', (req, res) => res.send('ok'));
const form = express.urlencoded({ extended: false });
app.post('/call-status-callback', form, async (req, res) => {
  const call = req.body;
  const isSigned = twilio.validateRequest(env.TWILIO_AUTH_TOKEN,
    req.get('X-Twilio-Signature') ?? '', env.SERVER_URL + req.originalUrl, call);
  if (!isSigned) return res.sendStatus(403);
  res.sendStatus(204);
  const isOver = call.CallStatus === 'completed' || call.CallStatus in outcomes;
  if (!isOver || done.has(call.CallSid)) return;
  done.add(call.CallSid);
  const meta = campaigns.get(call.CallSid) ?? {};
  const status = outcomes[call.CallStatus]
    ?? (Number(call.CallDuration) > 0 ? 'held' : 'no connection');
  try {
    const summary = await summaryOf(call).catch(() => null) ?? `The call ended: ${status}.`;
    const { status: answer } = await axios.post(env.CRM_WEBHOOK_URL, {
      type: 'conversationAICall', subject: meta.campaign ?? 'Outbound Call', to: call.To,
      name: meta.name ?? 'Unknown', summary, status, duration: Number(call.CallDuration),
    }, { headers: { 'Idempotency-Key': call.CallSid } });
    console.log(`${call.CallSid}: ${status}, the CRM answered ${answer}`);
  } catch (error) {
    console.error(`${call.CallSid}: ${error.message}`);
  }
});
app.listen(Number(env.WRAPUP_LISTEN.split(':')[1]), '127.0.0.1');
