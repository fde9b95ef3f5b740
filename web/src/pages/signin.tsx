import { useRef, useState } from 'preact/hooks';
import { ask } from '../api';
import { Icon } from '../ui';
import { session } from '../store';

export function SignIn({ isOver }: { isOver: boolean }) {
  const token = useRef<HTMLInputElement>(null);
  const [trouble, setTrouble] = useState(isOver ? 'The session is over. Sign in again.' : '');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await ask('api/session', { method: 'POST', body: { token: token.current?.value ?? '' } });
    setBusy(false);
    if (answer.kind === 'ok') return session.set('in');
    if (token.current) token.current.value = '';
    token.current?.focus();
    return setTrouble(answer.kind === 'refused' ? `Not signed in: ${answer.detail}.`
      : 'The server does not answer.');
  };
  return (
    <main id="main" class="signin">
      <form onSubmit={submit}>
        <h1>wrapup</h1>
        <p>Exactly one CRM record for every finished call.</p>
        <label>API token
          <input ref={token} type="password" name="token" required autocomplete="current-password"
            autofocus spellcheck={false} /></label>
        {trouble ? <p class="bad" role="alert"><Icon name="bad" /> {trouble}</p> : null}
        <button type="submit" class="main" disabled={isBusy}>{isBusy ? 'Signing in…' : 'Sign in'}</button>
        <p class="hint">It is the server's <code>WRAPUP_API_TOKEN</code>, or the one it wrote into its
          data folder as <code>api_token</code>.</p>
      </form>
    </main>
  );
}
