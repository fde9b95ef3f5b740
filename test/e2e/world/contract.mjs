// The API's description, and whether answers are as it says.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const methods = ['get', 'put', 'post', 'delete', 'patch'];

// Knows the document, checks answers against it, and remembers which operations were answered how.
export class Contract {
  answered = new Map(); // operationId → set of statuses.

  constructor(document) {
    this.document = document;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'doc');
  }

  operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      methods.filter(method => item[method]).map(method => ({ path, method, ...item[method] })));
  }

  // The operation that answers there, if the document has it.
  find(method, path) {
    const isThere = ({ path: pattern }) =>
      new RegExp(`^${pattern.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`).test(path);
    return this.operations().filter(isThere)
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)
      .find(operation => operation.method === method.toLowerCase());
  }

  check(operation, answer) {
    const { operationId } = operation, status = String(answer.status);
    const told = `${operationId} answered ${status}: ${answer.text}`;
    const pointer = ['paths', operation.path, operation.method, 'responses', status];
    let response = operation.responses[status];
    assert.ok(response, `${told}\nThe document does not say so`);
    if (response.$ref) {
      pointer.splice(0, pointer.length, ...response.$ref.slice(2).split('/'));
      response = pointer.reduce((at, name) => at[name], this.document);
    }
    this.answered.set(operationId, (this.answered.get(operationId) ?? new Set()).add(status));
    const media = (answer.headers['content-type'] ?? '').split(';')[0];
    if (!response.content) return assert.equal(answer.text, '', told);
    assert.ok(response.content[media], `${told}\nThe document has no ${media || 'body'}`);
    const escaped = [...pointer, 'content', media, 'schema'].map(name =>
      encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1')));
    const validate = this.ajv.compile({ $ref: `doc#/${escaped.join('/')}` });
    const isValid = validate(media.endsWith('json') ? answer.json : answer.text);
    assert.ok(isValid, `${told}\n${this.ajv.errorsText(validate.errors)}`);
  }
}
