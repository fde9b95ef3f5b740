// A real headless Chromium whose pages may do nothing wrong: no error in the console, no violation
// of the content security policy, no request to another host, and nothing that axe finds.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { apiToken } from './world.mjs';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const axeSource = readFileSync(axePath, 'utf8');
const executablePath = process.env.WRAPUP_CHROMIUM ?? '/usr/bin/chromium';
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// WRAPUP_TEST_PICTURES=1 takes the pictures of the documents anew.
const pictures = process.env.WRAPUP_TEST_PICTURES
  ? fileURLToPath(new URL('../../../docs/img/', import.meta.url)) : null;

export async function openBrowser() {
  assert.ok(existsSync(executablePath), `no Chromium at ${executablePath}; script/setup brings it`);
  return chromium.launch({ executablePath, args });
}

export class Visitor {
  problems = [];
  urls = [];
  // What the network may do wrong while a test cuts it off.
  mayFail = false;

  // One visitor with a page and cookies of its own; checked and closed when the test `t` is over.
  static async make(t, browser, world, { theme = 'light', width = 1280, height = 900 } = {}) {
    const visitor = new Visitor();
    visitor.world = world;
    visitor.context = await browser.newContext({
      colorScheme: theme, viewport: { width, height }, reducedMotion: 'reduce', locale: 'en-GB',
    });
    visitor.page = await visitor.context.newPage();
    visitor.page.setDefaultTimeout(20_000);
    await visitor.watch();
    t.after(() => visitor.close());
    return visitor;
  }

  get origin() { return `http://127.0.0.1:${this.world.process.port}`; }

  async watch() {
    const { page, problems } = this;
    await page.exposeFunction('tellOfViolation', text => { problems.push(`CSP: ${text}`); });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', event =>
        window.tellOfViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
    page.on('pageerror', error => problems.push(`page: ${error.stack}`));
    page.on('console', message => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      // The browser writes down each answer that is an error.
      const isNetwork = message.text().startsWith('Failed to load resource');
      const isOver = this.mayFail || this.world.isClosing;
      if (isNetwork && isOver) return;
      problems.push(`console: ${message.text()}`);
    });
    page.on('request', request => {
      const url = request.url();
      this.urls.push(url);
      const isOurs = url.startsWith(this.origin) || url.startsWith('blob:');
      if (!isOurs) problems.push(`foreign: ${url}`);
    });
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.problems, []);
  }

  async signIn(token = apiToken) {
    const { page } = this;
    await page.goto(`${this.origin}/`);
    await page.getByLabel('API token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (token === apiToken) await this.see('Today');
  }

  // The page of that heading is there.
  see(heading) {
    return this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  }

  async visit(hash, heading) {
    await this.page.goto(`${this.origin}/${hash}`);
    if (heading) await this.see(heading);
  }

  async takePicture(name) {
    if (pictures) await this.page.screenshot({ path: `${pictures}dashboard-${name}.png` });
  }

  // Nothing that axe knows is wrong, and nothing is wider than the window.
  async checkAccess(where,
    runOnly = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']) {
    if (!await this.page.evaluate(() => 'axe' in window)) await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(only =>
      window.axe.run(document, { runOnly: only, resultTypes: ['violations'] }), runOnly);
    const told = found.violations.map(violation => `${violation.id}: ${violation.help}\n` +
      violation.nodes.slice(0, 3).map(node => `  ${node.html}\n  ${node.failureSummary}`)
        .join('\n'));
    assert.equal(told.length, 0, `${where}\n${told.join('\n')}`);
    const over = await this.page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${where} is ${over} pixels wider than the window`);
  }
}
