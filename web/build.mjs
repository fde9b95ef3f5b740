// node build.mjs FOLDER: builds the dashboard and its storybook into FOLDER, as the C++ and
// assembler sources that put them into the program. Fails when a file of the dashboard is larger
// than its budget.
import * as esbuild from 'esbuild';
import crypto from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, 'dist'));

// Bytes as brotli leaves them; everything together with gzip as it lies in the program.
const budgets = { '.html': 1_500, '.js': 30_000, '.css': 6_000, '.svg': 1_000 };
const embeddedMax = 150_000;
const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
};

function compressed(name, content) {
  const raw = Buffer.from(content);
  const br = zlib.brotliCompressSync(raw, { params: {
    [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
  } });
  const gz = zlib.gzipSync(raw, { level: 9 });
  gz[9] = 255; // The operating system's number says nothing and changes with the builder.
  const hash = crypto.createHash('sha256').update(raw).digest('hex');
  return { name, raw, br, gz, hash, type: types[path.extname(name)] };
}

function check(assets) {
  const tooLarge = assets.filter(asset => asset.br.length > budgets[path.extname(asset.name)])
    .map(asset => `${asset.name} is ${asset.br.length} bytes, its budget is ` +
      `${budgets[path.extname(asset.name)]}`);
  const embedded = assets.reduce((sum, asset) => sum + asset.br.length + asset.gz.length, 0);
  if (embedded > embeddedMax) tooLarge.push(`all is ${embedded} bytes of ${embeddedMax}`);
  if (tooLarge.length > 0) throw new Error(`too large: ${tooLarge.join('; ')}`);
}

// `tables`: names of functions, each with those of the assets that it has.
function cppOf(assets, tables) {
  const span = (index, coding) =>
    `bytes_of(web_${index}_${coding}_begin, web_${index}_${coding}_end)`;
  const symbols = assets.flatMap((_, i) => ['raw', 'gz', 'br'].map(coding =>
    `extern const char web_${i}_${coding}_begin[], web_${i}_${coding}_end[];`));
  const rowOf = asset => {
    const i = assets.indexOf(asset), name = asset.served ?? asset.name;
    return `        {"${name}", "${asset.type}", "\\"${asset.hash.slice(0, 16)}\\"",\n         ` +
      `${span(i, 'raw')},\n         ${span(i, 'gz')},\n         ${span(i, 'br')}},`;
  };
  const functions = Object.entries(tables).map(([name, list]) =>
    `std::span<const WebAsset> ${name}() {
    static const std::array<WebAsset, ${list.length}> assets{{
${list.map(rowOf).join('\n')}
    }};
    return assets;
}
`);
  return `// Made by web/build.mjs.
#include <array>

#include "http/web/web_assets.hpp"

extern "C" {
${symbols.join('\n')}
}

namespace wrapup {
namespace {

std::string_view bytes_of(const char* begin, const char* end) { return {begin, end}; }

}  // namespace

${functions.join('\n')}
}  // namespace wrapup
`;
}

function assemblerOf(assets) {
  const lines = ['/* Made by web/build.mjs. */', '    .section .rodata'];
  assets.forEach((asset, i) => {
    for (const coding of ['raw', 'gz', 'br']) {
      const file = path.join(out, `${asset.name}.${coding}`);
      writeFileSync(file, asset[coding]);
      const symbol = `web_${i}_${coding}`;
      lines.push(`    .global ${symbol}_begin, ${symbol}_end`, `${symbol}_begin:`,
        `    .incbin "${file}"`, `${symbol}_end:`, '    .byte 0');
    }
  });
  return `${lines.join('\n')}\n    .section .note.GNU-stack,"",%progbits\n`;
}

const { outputFiles } = await esbuild.build({
  absWorkingDir: here, outdir: 'assets', write: false, bundle: true, minify: true, format: 'esm',
  entryPoints: { app: 'src/main.tsx', style: 'src/style.css', storybook: 'stories/storybook.tsx' },
  target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none',
  charset: 'utf8', logLevel: 'warning',
});
const built = outputFiles.map(file => {
  const { name, ext } = path.parse(file.path);
  const asset = compressed(`${name}${ext}`, file.contents);
  return { ...asset, name: `${name}-${asset.hash.slice(0, 10)}${ext}`, plain: `${name}${ext}` };
});
const icon = compressed('icon.svg', readFileSync(path.join(here, 'src/icon.svg')));
built.push({ ...icon, name: `icon-${icon.hash.slice(0, 10)}.svg`, plain: 'icon.svg' });

// The page and the files that it names.
function withPage(name, source) {
  let page = readFileSync(path.join(here, source), 'utf8');
  const named = built.filter(asset => page.includes(`assets/${asset.plain}`));
  for (const { plain, name } of named) page = page.replaceAll(`assets/${plain}`, `assets/${name}`);
  return [{ ...compressed(name, page), served: 'index.html' }, ...named];
}
const dashboard = withPage('index.html', 'src/index.html');
const storybook = withPage('storybook.html', 'stories/index.html');
const assets = [...new Set([...dashboard, ...storybook])];

check(dashboard);
mkdirSync(out, { recursive: true });
writeFileSync(path.join(out, 'web_bytes.S'), assemblerOf(assets));
writeFileSync(path.join(out, 'web_assets.cpp'),
  cppOf(assets, { web_assets: dashboard, storybook_assets: storybook }));
const sizes = assets.map(asset => ({
  name: asset.name, bytes: asset.raw.length, gzip: asset.gz.length, brotli: asset.br.length,
}));
writeFileSync(path.join(out, 'sizes.json'), `${JSON.stringify(sizes, null, 1)}\n`);
