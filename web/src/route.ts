// Where we are: #/calls?state=parked. The fragment is the only state of filters, and no proxy logs it.
import { Store } from './store';

export interface Route { page: string; id: string; params: URLSearchParams }

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2) as [string, string?];
  const [page = '', id = ''] = path.split('/', 2) as [string, string?];
  let decoded = id;
  try { decoded = decodeURIComponent(id); } catch { /* As it stands. */ }
  return { page: page || 'today', id: decoded, params: new URLSearchParams(query) };
}

export const route = new Store<Route>(read());
window.addEventListener('hashchange', () => route.set(read()));

export type Params = Record<string, string | null | undefined>;

export function href(page: string, params: Params = {}, id = ''): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${page}${id ? `/${encodeURIComponent(id)}` : ''}${text ? `?${text}` : ''}`;
}

export const go = (to: string): void => { location.hash = to; };
