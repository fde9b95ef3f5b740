// A real HTTP server on loopback whose behaviour a test decides per request.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

// What a peer can do to us instead of answering.
export const hang = Symbol('takes the request and never answers');
export const cut = Symbol('takes the request and drops the connection');

export class Loopback {
  seen = []; // Every request, in order of arrival.
  problems = []; // What a real peer would have complained about; checked when the world ends.
  #server;

  // Answers one request: { status, headers, body }, `hang` or `cut`; may be async.
  respond(_request) { return { status: 404 }; }

  async open() {
    this.#server = http.createServer((message, response) => this.#serve(message, response));
    this.#server.keepAliveTimeout = 30_000;
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.port ?? 0, '127.0.0.1', resolve);
    });
    this.port = this.#server.address().port;
    this.origin = `http://127.0.0.1:${this.port}`;
    return this;
  }

  // After this the port refuses connections, as a peer that is down does; open() brings it back.
  async close() {
    if (!this.#server?.listening) return;
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(message, response) {
    const chunks = [];
    try {
      for await (const chunk of message) chunks.push(chunk);
    } catch { return; } // The client went away.
    const url = new URL(message.url, this.origin);
    const request = {
      at: Date.now(), method: message.method, path: url.pathname, query: url.searchParams,
      headers: message.headers, body: Buffer.concat(chunks).toString('utf8'),
    };
    this.seen.push(request);
    const answer = await this.respond(request);
    request.answer = answer;
    if (answer === hang) return;
    if (answer === cut) { message.socket.destroy(); return; }
    if (answer.delay) await pause(answer.delay);
    const body = answer.body === undefined ? ''
      : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(body);
  }
}
