// Every page in every state.
export interface Story { name: string; hash: string; world: string }

const pages = ['today', 'calls', 'call', 'live', 'failures', 'timing', 'ledger', 'deliveries', 'destinations', 'senders', 'settings', 'log'];
// Loading, error and lost are the same for every answer: none yet, a refusal, no server.
const states = ['empty', 'loading', 'error', 'one', 'many', 'hostile'];
const hashOf = (page: string): string => page === 'call' ? '#/calls/CA00000000000000000000000000000000' : `#/${page}`;

export const stories: Story[] = [
  ...pages.flatMap(page => states.map(world => ({ name: `${page}-${world}`, hash: hashOf(page), world }))),
  { name: 'in-flight', hash: '#/calls?state=in_flight', world: 'many' },
  { name: 'without-campaign', hash: '#/calls?no_campaign=true&from=2026-11-26T12:00:00.000Z&to=2026-11-27T12:00:00.000Z', world: 'many' },
  { name: 'ledger-day', hash: '#/ledger?date=2026-11-27', world: 'many' },
  ...['today', 'ledger', 'destinations'].map(page => ({ name: `${page}-trouble`, hash: hashOf(page), world: 'trouble' })),
  { name: 'ledger-day-trouble', hash: '#/ledger?date=2026-11-27', world: 'trouble' },
  { name: 'no-such-campaign', hash: '#/calls?campaign=Renewal', world: 'trouble' },
  { name: 'no-such-call', hash: '#/calls?call_sid=CA00000000000000000000000000000009', world: 'trouble' },
  { name: 'call-long', hash: hashOf('call'), world: 'long' },
  { name: 'nowhere', hash: '#/nowhere', world: 'empty' },
  { name: 'sign-in', hash: '#/today', world: 'out' },
  { name: 'sign-in-over', hash: '#/today', world: 'over' },
  { name: 'lost', hash: '#/today', world: 'lost' },
];
