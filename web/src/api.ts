// Asks the server. Every answer is a value; nothing here throws.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isStreaming, listen } from './live';
import { awaySince, isPaused, session, silentSince, useStore } from './store';

export type Answer<T> =
  | { kind: 'ok'; data: T }
  | { kind: 'absent' } // This server has no such part yet.
  | { kind: 'refused'; status: number; detail: string; body: unknown }
  | { kind: 'silent' } // No answer.
  | { kind: 'dropped' }; // Nobody waits for it any more.

interface Options { method?: string; body?: unknown; signal?: AbortSignal }

export async function ask<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  const { method = 'GET', body, signal } = options;
  let response: Response, text: string;
  try {
    response = await fetch(path, {
      method, credentials: 'same-origin', cache: 'no-store', redirect: 'error',
      ...(signal ? { signal } : {}),
      ...(method === 'GET' ? {} : { headers: { 'Content-Type': 'application/json' } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch {
    if (signal?.aborted) return { kind: 'dropped' };
    if (silentSince.value === null) silentSince.set(Date.now());
    return { kind: 'silent' };
  }
  silentSince.set(null);
  let data: any = null;
  try { data = text === '' ? null : JSON.parse(text); } catch { /* A proxy's own page. */ }
  if (response.ok) return { kind: 'ok', data: data as T };
  const detail = String(data?.detail ?? `the server answered ${response.status}`);
  if (response.status === 401 && path !== 'api/session') {
    session.set(session.value === 'in' ? 'over' : 'out');
    return { kind: 'dropped' };
  }
  if (response.status === 501 || response.status === 405 || (response.status === 404 && detail === 'there is nothing here')) {
    return { kind: 'absent' };
  }
  return { kind: 'refused', status: response.status, detail, body: data };
}

// `at`: when `data` was answered.
export interface Live<T> { answer: Answer<T> | null; data: T | null; at: number | null; reload: () => void }

// A change is asked for at once, and then not again for so long, whatever happens meanwhile.
const patience = 1_000;
// While the stream tells what changes, what nobody tells of is asked for so often.
const whileStreaming = 30_000;

// Asks when `key` changes and then every `every` ms while the page is seen and not paused; with
// `concerns`, when the stream tells of a call that does. What was answered last stays until the next
// answer; an answer to an old key is dropped.
export function useLive<T>(key: string | null, load: (signal: AbortSignal) => Promise<Answer<T>>,
  every = 5_000, concerns?: (call: string) => boolean): Live<T> {
  const [state, setState] = useState<{ key: string | null } & Omit<Live<T>, 'reload'>>(
    { key: null, answer: null, data: null, at: null });
  const [turn, setTurn] = useState(0);
  const paused = useStore(isPaused);
  const who = useStore(session);
  const now = useRef({ load, concerns });
  now.current = { load, concerns };
  const isTold = concerns !== undefined;
  // Not after the next painting: then the first page would wait for a picture of nothing.
  useLayoutEffect(() => {
    if (key === null || who === 'out' || who === 'over') return undefined;
    const control = new AbortController();
    let timer = 0, isAsking = false, isStale = false, askedAt = 0;
    const wait = (ms: number) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => { if (!document.hidden) void next(); }, ms);
    };
    const next = async () => {
      if (isAsking) return;
      isAsking = true;
      isStale = false;
      askedAt = Date.now();
      const answer = await now.current.load(control.signal);
      isAsking = false;
      if (control.signal.aborted) return;
      if (answer.kind !== 'dropped') {
        setState(old => answer.kind === 'ok' ? { key, answer, data: answer.data, at: Date.now() }
          : old.key === key ? { ...old, answer } : { key, answer, data: null, at: null });
      }
      if (every <= 0 || isPaused.value || answer.kind === 'absent') return;
      const isSlow = isTold && isStreaming.value && answer.kind === 'ok';
      wait(isStale ? patience : isSlow ? Math.max(every, whileStreaming) : every);
    };
    const seen = () => {
      window.clearTimeout(timer);
      if (!document.hidden && !isPaused.value && every > 0) void next();
    };
    const quit = isTold ? listen(changes => {
      if (isPaused.value || !(changes?.some(one => now.current.concerns?.(one.call)) ?? true)) return;
      if (isAsking) isStale = true;
      else wait(Math.max(0, askedAt + patience - Date.now()));
    }) : undefined;
    void next();
    document.addEventListener('visibilitychange', seen);
    return () => {
      control.abort();
      quit?.();
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [key, every, paused, turn, who, isTold]);
  const isCurrent = state.key === key;
  return {
    answer: isCurrent ? state.answer : null, data: isCurrent ? state.data : null,
    at: isCurrent ? state.at : null,
    reload: () => setTurn(value => value + 1),
  };
}

export const useGet = <T>(path: string | null, every?: number, concerns?: (call: string) => boolean): Live<T> =>
  useLive<T>(path, signal => ask<T>(path ?? '', { signal }), every, concerns);

// Of when all of this is at the latest, once the server, the store or one of these answers fails:
// then nothing may be told as well. Null: it is of now.
export function useDoubt(...lives: Live<unknown>[]): number | null {
  const failed = [useStore(awaySince), useStore(silentSince)].filter(at => at !== null);
  const isFailing = lives.some(({ answer }) => answer?.kind === 'refused' || answer?.kind === 'silent');
  if (failed.length === 0 && !isFailing) return null;
  return Math.min(Date.now(), ...failed, ...lives.map(({ at }) => at ?? Infinity));
}

export const anyCall = (): boolean => true;

export const pageSize = 50;

// A list's page may be short, or empty, and go on: it is filled with what follows, as far as some
// 200,000 calls go. Then the page tells where to go on.
const rounds = 20;
export interface Rows<T> { rows: T[]; next_cursor: string | null }

export async function askForPage<T>(name: string, cursor: string | null,
  load: (cursor: string | null, limit: number) => Promise<Answer<any>>): Promise<Answer<Rows<T>>> {
  const rows: T[] = [];
  for (let round = 0; ; round++) {
    const answer = await load(cursor, pageSize - rows.length);
    if (answer.kind !== 'ok') return answer;
    rows.push(...answer.data[name]);
    cursor = answer.data.next_cursor;
    if (cursor === null || rows.length >= pageSize || round === rounds) {
      return { kind: 'ok', data: { rows, next_cursor: cursor } };
    }
  }
}
