// A value that components watch, and the ones that every page shares.
import { useEffect, useState } from 'preact/hooks';

export class Store<T> {
  private watchers = new Set<() => void>();
  constructor(private current: T) {}
  get value(): T { return this.current; }
  set(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const watcher of [...this.watchers]) watcher();
  }
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => { this.watchers.delete(watcher); };
  }
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState({});
  useEffect(() => store.watch(() => redraw({})), [store]);
  return store.value;
}

export type Session = 'unknown' | 'in' | 'out' | 'over';
export const session = new Store<Session>('unknown');
// When the server was first found to be silent; null: it answers.
export const silentSince = new Store<number | null>(null);
// When the store was last known to do its work; null: it does.
export const awaySince = new Store<number | null>(null);
// Nothing is asked by itself.
export const isPaused = new Store(false);
// The ledger's.
export const zone = new Store<string>('UTC');
// Read by a screen reader when it changes.
export const announcement = new Store('');
