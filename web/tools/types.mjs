// The API's types, from its OpenAPI document, for the type checker: web/.generated/api.d.ts
import openapiTypescript, { astToString } from "openapi-typescript";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const target = join(dirname(fileURLToPath(import.meta.url)), "../.generated/api.d.ts");

/** Writes only what changed, so that a watcher or a build system is not woken for nothing. */
export async function generateTypes(openapi) {
  const text = astToString(await openapiTypescript(JSON.parse(openapi)));
  const before = await readFile(target, "utf8").catch(() => "");
  if (before === text) return;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
}
