// A section of a page in docs/ that is what commands print here, word for word, but for what
// differs each time. WRAPUP_TEST_WRITE=1 writes it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

const isWriting = process.env.WRAPUP_TEST_WRITE === '1';

const usual = text => text
  .replace(/CA[0-9a-f]{32}/g, 'CA…').replace(/:\d{5}\b/g, ':8080')
  .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-28T03:00:00Z').replace(/\b\d+ s ago/g, '5 s ago')
  .replace(/ *\b\d+ ms\b/g, time => '2 ms'.padStart(time.length)).replace(/\b\d+ms\b/g, '2ms')
  .replace(/conv_[0-9a-f]{28}/g, 'conv_…').replace(/ +$/gm, '');
const indented = text => text.split('\n').map(line => `    ${line}`.trimEnd()).join('\n');
const paragraphs = text => text.trimEnd().replace(/^\n+/, '').split(/\n\s*\n/);

export class Transcript {
  #page;
  #section;

  // `run`: one command to its end, { status, stdout }.
  constructor(page, title, sentence, run) {
    this.#page = fileURLToPath(new URL(`../../../docs/${page}`, import.meta.url));
    this.title = title;
    this.run = run;
    this.#section = `## ${title}\n\n${sentence}\n`;
  }

  // Runs a command until it ends with `exit` and says what is expected; the page shows some of its
  // paragraphs.
  async types(command, exit, expected, shown = [0]) {
    let said;
    await until(async () => {
      said = await this.run(command.split(' '));
      return said.status === exit && expected.test(said.stdout);
    }, 20_000, () => `wrapup ${command}: ${said.status}\n${said.stdout}${said.stderr}`);
    const all = paragraphs(said.stdout);
    const text = shown.map(index => all.at(index)).join('\n\n');
    this.#section += `\n${indented(`$ wrapup ${command}\n${text}`)}\n`;
  }

  does(sentence) { this.#section += `\n${sentence}\n`; }

  isWritten() {
    const section = usual(this.#section), before = readFileSync(this.#page, 'utf8');
    if (before.includes(section)) return;
    assert.ok(isWriting, `${this.#page} should have:\n${section}`);
    const parts = before.split(/^(?=## )/m).map(part => `${part.trimEnd()}\n`);
    const at = parts.findIndex(part => part.startsWith(`## ${this.title}\n`));
    parts.splice(at < 0 ? parts.length : at, at < 0 ? 0 : 1, section);
    writeFileSync(this.#page, parts.join('\n'));
  }
}
