// What several pages are made of.
import { Fragment, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useDoubt, type Answer, type Live } from './api';
import { agoOf, fullMomentOf, plain, shortMomentOf, wordOf } from './format';
import { announcement } from './store';

const icons: Record<string, string> = {
  delivered: 'M4 10.5l4 4 8-9', parked: 'M7 5v10M13 5v10', delivering: 'M4 10h11M11 5.5l4.5 4.5-4.5 4.5',
  settling: 'M10 5v5l3.5 2M10 2.5a7.5 7.5 0 1 0 .01 0', open: 'M10 6.5a3.5 3.5 0 1 0 .01 0',
  out_of_scope: 'M5 10h10', merged: 'M5 4v4a6 6 0 0 0 6 6h4M12 11l3 3-3 3',
  bad: 'M10 5v6M10 14.5v.5', note: 'M10 9v6M10 5.5v.5', ok: 'M4 10.5l4 4 8-9', active: 'M4 10.5l4 4 8-9', failing: 'M10 5v6M10 14.5v.5',
  paused: 'M7 5v10M13 5v10', gone: 'M10 5v6M10 14.5v.5', removed: 'M5 10h10',
};

export const Icon = ({ name }: { name: string }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={icons[name] ?? icons.open} />
  </svg>
);

export const State = ({ state, parked }: { state: string; parked?: string | null }) => (
  <span class={`state ${state}`}>
    <Icon name={state} /> {wordOf(state)}
    {parked ? <small> · {wordOf(parked)}</small> : null}
  </span>
);

export const Moment = ({ at }: { at: string | null }) => at === null ? <Fragment>–</Fragment>
  : <time dateTime={at} title={`${fullMomentOf(at)}, ${agoOf(at)}`}>{shortMomentOf(at)}</time>;

// Instead of what would be told as well.
export const Figures = ({ at }: { at: number | null }) => at === null ? null
  : <>Whether all is well is not known now. These figures are of <Moment at={new Date(at).toISOString()} />.</>;

// What is well by that answer, as long as it is of now.
export function Good({ of, children }: { of: Live<unknown>; children: ComponentChildren }) {
  const doubt = useDoubt(of);
  return doubt === null ? <p class="good"><Icon name="ok" /> {children}</p>
    : <p class="soft">{children} So it was <Moment at={new Date(doubt).toISOString()} />.</p>;
}

export const Text = ({ text, max = 4_000 }: { text: string; max?: number }) => {
  const [isWhole, setWhole] = useState(false);
  if (isWhole || text.length <= max) return <Fragment>{plain(text)}</Fragment>;
  return (
    <Fragment>
      {plain(text.slice(0, max))}…{' '}
      <button type="button" class="link" onClick={() => setWhole(true)}>show all</button>
    </Fragment>
  );
};

// What a page shows in place of data; nothing once there is some.
export function Standing({ answer, what, hasData }: {
  answer: Answer<unknown> | null; what: string; hasData: boolean;
}): JSX.Element | null {
  if (answer === null) return hasData ? null : <p class="standing" role="status">Loading {what}…</p>;
  switch (answer.kind) {
    case 'absent':
      return <p class="standing">Not available yet: this server has no {what}.</p>;
    case 'refused':
      return <p class="standing bad" role="alert">
        <Icon name="bad" /> {what[0]!.toUpperCase() + what.slice(1)}: {answer.detail} ({answer.status}).
      </p>;
    case 'silent':
      return hasData ? null : <p class="standing bad" role="alert">
        <Icon name="bad" /> The server does not answer; {what} cannot be shown.
      </p>;
    default: return null;
  }
}

export const Empty = ({ children }: { children: ComponentChildren }) =>
  <p class="standing">{children}</p>;

// The heading takes the focus when the page was reached by a link.
export function Page({ title, lead, actions, children }: {
  title: string; lead?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · wrapup`;
    if (document.activeElement !== document.body || hasMoved) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <Fragment>
      <div class="head">
        <div>
          <h1 tabIndex={-1} ref={heading}>{title}</h1>
          {lead ? <p class="lead">{lead}</p> : null}
        </div>
        {actions ? <div class="actions">{actions}</div> : null}
      </div>
      {children}
    </Fragment>
  );
}
let hasMoved = false;
window.addEventListener('hashchange', () => { hasMoved = true; });

// Asks before something is done. `ask` is told the reason when one is wanted.
export function Confirm({ title, children, verb, wantsReason = false, isReady = true, onDone, onClose }: {
  title: string; children: ComponentChildren; verb: string; wantsReason?: boolean; isReady?: boolean;
  onDone: (reason: string) => Promise<string | null>; onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const reason = useRef<HTMLInputElement>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => { dialog.current?.showModal(); }, []);
  const act = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const said = await onDone(reason.current?.value.trim() ?? '');
    setBusy(false);
    if (said === null) onClose(); else setTrouble(said);
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={act}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        {wantsReason ? <label>Reason
          <input ref={reason} required maxLength={200} autocomplete="off" /></label> : null}
        {trouble ? <p class="bad" role="alert"><Icon name="bad" /> {trouble}</p> : null}
        <div class="actions">
          <button type="submit" class="main" disabled={isBusy || !isReady}>{isBusy ? 'Working…' : verb}</button>
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
        </div>
      </form>
    </dialog>
  );
}

// A drawing on a phone is drawn for a phone: a smaller one could not be read.
const phone = window.matchMedia('(max-width: 46rem)');
export function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(phone.matches);
  useEffect(() => {
    const look = () => setNarrow(phone.matches);
    phone.addEventListener('change', look);
    return () => phone.removeEventListener('change', look);
  }, []);
  return isNarrow;
}

// Plain http has no clipboard: then the text is put where it can be copied by hand.
export function Copy({ text, label }: { text: () => string; label: string }) {
  const [shown, setShown] = useState<string | null>(null);
  const copy = async () => {
    const value = text();
    try {
      await navigator.clipboard.writeText(value);
      announcement.set(`${label}: copied`);
    } catch { setShown(value); }
  };
  return (
    <Fragment>
      <button type="button" onClick={copy}>{label}</button>
      {shown === null ? null : <label class="copied">Copy this
        <textarea readOnly rows={4} value={shown}
          ref={area => area?.select()} /></label>}
    </Fragment>
  );
}

export function Download({ name, text }: { name: string; text: () => string }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([text()], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return <button type="button" onClick={save}>Download JSON</button>;
}
