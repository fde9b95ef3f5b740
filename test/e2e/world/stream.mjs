// A client of GET /api/stream that keeps what it was told.
import http from 'node:http';
import { apiToken } from './world.mjs';
import { until } from './wait.mjs';

export class Stream {
  events = []; // {at, id, event, data}
  text = '';
  isOver = false;

  // Resolves once there is an answer; `status` and `headers` are its, `text` all that came.
  static open(world, { lastId, bearer = apiToken, cookie, method = 'GET' } = {}) {
    const stream = new Stream();
    return new Promise((resolve, reject) => {
      stream.request = http.request({
        host: '127.0.0.1', port: world.process.port, path: '/api/stream', agent: false, method,
        headers: {
          accept: 'text/event-stream',
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
          ...(cookie === undefined ? { authorization: `Bearer ${bearer}` } : { cookie }),
        },
      }, response => {
        stream.status = response.statusCode;
        stream.headers = response.headers;
        response.setEncoding('utf8');
        response.on('data', piece => stream.take(piece));
        for (const end of ['end', 'error', 'close']) {
          response.on(end, () => { stream.isOver = true; });
        }
        resolve(stream);
      });
      stream.request.on('error', error => { stream.isOver = true; reject(error); });
      stream.request.end();
    });
  }

  take(piece) {
    this.text += piece;
    this.rest = (this.rest ?? '') + piece;
    for (let end; (end = this.rest.indexOf('\n\n')) >= 0;) {
      const lines = this.rest.slice(0, end).split('\n');
      this.rest = this.rest.slice(end + 2);
      const field = name =>
        lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
      this.lastId = field('id') ?? this.lastId;
      if (!field('data')) continue;
      this.events.push({
        at: Date.now(), id: field('id'), event: field('event') ?? 'message',
        data: JSON.parse(field('data')),
      });
    }
  }

  // The states that the call was told to be in, in order.
  statesOf(call) {
    return this.events.flatMap(event => event.data.calls ?? [])
      .filter(one => one.call === call).map(one => one.state);
  }

  when(check, bound = 5_000) {
    return until(() => check(this), bound, () => `the stream stays at ${this.text.slice(-2_000)}`);
  }

  close() { this.request.destroy(); }
}
