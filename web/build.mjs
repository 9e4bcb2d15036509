// Builds the web client: node build.mjs OUTDIR [OPENAPI_JSON] [--watch]
// OUTDIR gets index.html and assets/* with hashed names. With OPENAPI_JSON the types of the API
// are generated too (for the type checker; the bundle does not need them).
import { brotliCompressSync, constants } from "node:zlib";
import { build, context } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { firstSources, languages, textsOf } from "./texts.mjs";

const web = dirname(fileURLToPath(import.meta.url));

/** The bodies of the icons that src/ui/icon-names.ts lists. */
async function iconBodies() {
  const set = JSON.parse(
    await readFile(join(web, "node_modules/@iconify-json/lucide/icons.json"), "utf8"),
  );
  const source = await readFile(join(web, "src/ui/icon-names.ts"), "utf8");
  const bodies = {};
  for (const [, name] of source.matchAll(/"([a-z0-9-]+)"/g)) {
    const target = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent];
    if (!target) throw new Error(`no Lucide icon is named ${name}`);
    /* how icons are drawn is said once, in icon.tsx */
    bodies[name] = target.body.replace(/ (fill|stroke|stroke-width|stroke-linecap|stroke-linejoin)="[^"]*"/g, "");
  }
  return bodies;
}

/** habitue:icons and habitue:locale/<language>/first, …/rest are made from files at build. */
const made = {
  name: "made",
  setup(b) {
    b.onResolve({ filter: /^habitue:/ }, (args) => ({ path: args.path, namespace: "made" }));
    b.onLoad({ filter: /.*/, namespace: "made" }, async ({ path }) => {
      if (path === "habitue:icons")
        return {
          contents: JSON.stringify(await iconBodies()),
          loader: "json",
          watchFiles: [join(web, "src/ui/icon-names.ts")],
        };
      const [, language, part] = /^habitue:locale\/(\w+)\/(first|rest)$/.exec(path) ?? [];
      if (!languages.includes(language)) return { errors: [{ text: `unknown module ${path}` }] };
      /* no JSON: each of its keys would be an export of its own, beside the whole */
      return {
        contents: `export default ${JSON.stringify(await textsOf(language, part))}`,
        watchDirs: [join(web, "locales", language)],
        watchFiles: [...(await firstSources()).keys()],
      };
    });
  },
};

/** index.html names the hashed files and asks early for what the first page needs. */
async function writeIndex(outdir, metafile) {
  const outputs = Object.entries(metafile.outputs).map(([path, info]) => ({
    url: "/" + relative(outdir, resolve(web, path)).replaceAll("\\", "/"),
    info,
  }));
  const entry = outputs.find((o) => o.info.entryPoint?.endsWith("src/main.tsx"));
  const font = outputs.find((o) => /inter-latin-wght-normal-[^/]*\.woff2$/.test(o.url));
  const icon = outputs.find((o) => /icon-[^/]*\.svg$/.test(o.url));
  const style = "/" + relative(outdir, resolve(web, entry.info.cssBundle));
  const chunks = entry.info.imports
    .filter((i) => i.kind === "import-statement")
    .map((i) => "/" + relative(outdir, resolve(web, i.path)));
  const head = [
    `<link rel="icon" type="image/svg+xml" href="${icon.url}">`,
    `<link rel="stylesheet" href="${style}">`,
    `<link rel="preload" href="${font.url}" as="font" type="font/woff2" crossorigin>`,
    ...chunks.map((url) => `<link rel="modulepreload" href="${url}">`),
    `<script type="module" src="${entry.url}"></script>`,
  ];
  const template = await readFile(join(web, "src/index.html"), "utf8");
  await writeFile(join(outdir, "index.html"), template.replace("<!--head-->", head.join("\n    ")));
}

const writesIndex = (outdir) => ({
  name: "index",
  setup(b) {
    b.onEnd(async (result) => {
      if (result.metafile && !result.errors.length) await writeIndex(outdir, result.metafile);
    });
  },
});

function options(outdir) {
  return {
    absWorkingDir: web,
    entryPoints: ["src/main.tsx", "src/icon.svg"],
    outdir,
    bundle: true,
    format: "esm",
    splitting: true,
    minify: true,
    charset: "utf8",
    metafile: true,
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    publicPath: "/",
    loader: { ".woff2": "file", ".svg": "copy" },
    legalComments: "none",
    logLevel: "warning",
    plugins: [made, writesIndex(outdir)],
  };
}

/** Beside each text a smaller one, which browsers take from https and from this machine. */
async function packAll(outdir) {
  for (const name of await readdir(outdir, { recursive: true }))
    if (/\.(js|css|svg|html)$/.test(name)) {
      const plain = await readFile(join(outdir, name));
      const packed = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
      if (packed.length < plain.length) await writeFile(join(outdir, `${name}.br`), packed);
    }
}

async function main(args) {
  const watch = args.includes("--watch");
  const [out, openapi] = args.filter((a) => !a.startsWith("--"));
  if (!out) {
    process.stderr.write(`usage: node ${basename(process.argv[1])} OUTDIR [OPENAPI_JSON] [--watch]\n`);
    return 2;
  }
  const outdir = resolve(out);
  if (openapi) {
    const { generateTypes } = await import("./tools/types.mjs");
    await generateTypes(await readFile(resolve(openapi), "utf8"));
  }
  await rm(join(outdir, "assets"), { recursive: true, force: true });
  await mkdir(join(outdir, "assets"), { recursive: true });
  if (watch) await (await context(options(outdir))).watch();
  else {
    await build(options(outdir));
    await packAll(outdir);
  }
  return 0;
}

const status = await main(process.argv.slice(2)).catch((error) => {
  if (!error.errors) process.stderr.write(`${error.message}\n`);
  return 1;
});
if (status) process.exit(status);
