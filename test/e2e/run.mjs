// Runs every *.test.mjs beside this file (or those named) and writes what came out to
// $WRAPUP_TEST_RESULTS/e2e.json. Ends with "N passed, N failed".
import { run } from 'node:test';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2).map(name => path.resolve(name));
const files = named.length > 0 ? named
  : readdirSync(here).filter(name => name.endsWith('.test.mjs')).sort()
    .map(name => path.join(here, name));

// Tests mostly wait for the process they drive, so a few more files than cores run at once.
const concurrency = Math.min(os.cpus().length + 1, 4);
const passed = [], failed = [];
const started = Date.now();

const isTest = event => event.nesting === 0 && !files.includes(path.resolve(event.name));
const seconds = ms => `${(ms / 1000).toFixed(1)} s`;
// A file that could not even be loaded is an event with the file's own name.
const isBrokenFile = event => files.includes(path.resolve(event.name));

const stream = run({ files, concurrency, timeout: 240_000 });
stream.on('test:pass', event => {
  if (!isTest(event) || event.skip !== undefined) return;
  passed.push(event.name);
  console.log(`  ok      ${event.name} (${seconds(event.details.duration_ms)})`);
});
stream.on('test:fail', event => {
  const isReportedInside = isBrokenFile(event) &&
    event.details.error?.failureType === 'subtestsFailed';
  if (event.nesting !== 0 || isReportedInside) return;
  failed.push(event.name);
  const { error } = event.details;
  console.log(`  FAILED  ${event.name}`);
  console.log(String(error?.cause?.stack ?? error?.cause ?? error).replace(/^/gm, '          '));
});
stream.on('end', () => {
  const results = process.env.WRAPUP_TEST_RESULTS;
  if (results) {
    mkdirSync(results, { recursive: true });
    const report = JSON.stringify({ passed: passed.length, failed });
    writeFileSync(path.join(results, 'e2e.json'), report);
  }
  console.log(`end to end in ${seconds(Date.now() - started)}`);
  console.log(`${passed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 || passed.length === 0 ? 1 : 0;
});
stream.resume();
