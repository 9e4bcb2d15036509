// The one door to the server. Types come from the OpenAPI document (tools/types.mjs):
//   const list = await api.get("/customers", { query: { q: "type:vip" } });
//   await api.put("/customers/{id}/favourite", { path: { id } });
// A failure throws ApiError with the problem document, or NetworkError when nothing answered.
import type { components, paths } from "../../.generated/api";
import { language } from "../lib/i18n";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

type Method = "get" | "post" | "put" | "patch" | "delete";
/** The routes as they are written here: without what stands before all of them. */
type Routes = { [P in keyof paths as P extends `/api/v1${infer Short}` ? Short : P]: paths[P] };
type PathsOf<M extends Method> = {
  [P in keyof Routes]: Routes[P] extends { [K in M]: object } ? P : never;
}[keyof Routes];
type Operation<P extends keyof Routes, M extends Method> = M extends keyof Routes[P] ? Routes[P][M] : never;
type JsonOf<R> = R extends { content: { "application/json": infer Body } } ? Body : undefined;
type Success = 200 | 201 | 202 | 204;
export type Answer<Op> = Op extends { responses: infer R }
  ? { [S in keyof R & Success]: JsonOf<R[S]> }[keyof R & Success]
  : never;
type BodyOf<Op> = Op extends { requestBody: { content: { "application/json": infer B } } } ? B : never;
type QueryOf<Op> = Op extends { parameters: { query?: infer Q } } ? Q : never;
type PathOf<Op> = Op extends { parameters: { path: infer P } } ? P : never;

interface Common {
  signal?: AbortSignal;
  /** The version that was read: a lost update answers 412 instead of silence. */
  version?: number;
  /** Of one act (newKey()): sent again with the same key, it is done once and answers as it did. */
  key?: string;
}
type With<Name extends string, T> = [T] extends [never] ? object : { [K in Name]: T };
type Maybe<Name extends string, T> = [T] extends [never] ? object : { [K in Name]?: T };
type Options<Op> = Common & With<"path", PathOf<Op>> & With<"body", BodyOf<Op>> & Maybe<"query", QueryOf<Op>>;
type Args<Op> = object extends Options<Op> ? [options?: Options<Op>] : [options: Options<Op>];

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code;
  }
}
/** Nothing answered: no network, or the server is away. */
export class NetworkError extends Error {}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
export function hasCode(error: unknown, ...codes: string[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

const base = "/api/v1";
let csrf = "";
const signedOutListeners = new Set<() => void>();

/** The token that every writing request of this session carries. */
export function setCsrf(token: string): void {
  csrf = token;
}
/** Called when the server says that the session is over. */
export function onSignedOut(listener: () => void): void {
  signedOutListeners.add(listener);
}

let confirmIdentity: () => Promise<boolean> = () => Promise.resolve(false);
/** How the password is asked for again; true when it was given and the request may be repeated. */
export function onConfirmNeeded(ask: () => Promise<boolean>): void {
  confirmIdentity = ask;
}
const barredListeners = new Set<() => void>();
/** Called when the server says that something must be set up first. */
export function onBarred(listener: () => void): void {
  barredListeners.add(listener);
}
/** What a refusal means for the whole client; true: the request may be sent again. */
async function settle(problem: Problem): Promise<boolean> {
  if (problem.code === "totp_needed") for (const listener of barredListeners) listener();
  return problem.code === "confirm_password" && (await confirmIdentity());
}

/** A key for one act that must not happen twice, however often it is sent. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Loose extends Common {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | undefined | null>;
  body?: unknown;
}

/** The address of a route, also for links to files and for streams. */
export function apiUrl(path: string, options: Pick<Loose, "path" | "query"> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(options.path?.[name] ?? "")),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {}))
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  const text = query.toString();
  return base + filled + (text ? `?${text}` : "");
}

function headersFor(method: Method, options: Loose): Headers {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": language.peek() });
  if (method !== "get" && csrf) headers.set("X-CSRF", csrf);
  if (options.version !== undefined) headers.set("If-Match", `"${options.version}"`);
  if (options.key !== undefined) headers.set("Idempotency-Key", options.key);
  if (options.body !== undefined && !(options.body instanceof Blob))
    headers.set("Content-Type", "application/json");
  if (options.body instanceof Blob)
    headers.set("Content-Type", options.body.type || "application/octet-stream");
  return headers;
}

/** For a writing request that is sent from elsewhere (upload.ts). */
export function writingHeaders(contentType: string): Headers {
  const headers = headersFor("post", {});
  headers.set("Content-Type", contentType);
  return headers;
}

async function problemOf(response: Response): Promise<Problem> {
  const kind = response.headers.get("Content-Type") ?? "";
  if (kind.includes("json")) return (await response.json()) as Problem;
  const title = `${response.status} ${response.statusText}`.trim();
  return { type: "about:blank", title, status: response.status, code: "unreadable", detail: title };
}

async function send(method: Method, path: string, options: Loose = {}): Promise<unknown> {
  const body =
    options.body === undefined || options.body instanceof Blob
      ? (options.body as Blob | undefined)
      : JSON.stringify(options.body);
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options), {
      method: method.toUpperCase(),
      headers: headersFor(method, options),
      body,
      signal: options.signal,
      credentials: "same-origin",
      /* a card that was merged leads to the one of today */
      redirect: method === "get" ? "follow" : "error",
    });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new NetworkError(String(error));
  }
  if (response.ok) return response.status === 204 ? undefined : ((await response.json()) as unknown);
  const problem = await problemOf(response);
  /* a wrong password is a 401 of /session itself; everywhere else it means: signed out */
  if (response.status === 401 && path !== "/session")
    for (const listener of signedOutListeners) listener();
  if (await settle(problem)) return send(method, path, options);
  throw new ApiError(problem);
}

/** A file that the server makes, put among the downloads; failures as everywhere. With a body it is asked for by POST. */
export async function download(
  path: string,
  options: Loose,
  name: string,
  method: "get" | "post" = options.body === undefined ? "get" : "post",
): Promise<void> {
  const response = await fetch(apiUrl(path, options), {
    method: method.toUpperCase(),
    headers: headersFor(method, options),
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    credentials: "same-origin",
    redirect: "error",
  }).catch((error: unknown) => {
    throw new NetworkError(String(error));
  });
  if (!response.ok) {
    const problem = await problemOf(response);
    if (await settle(problem)) return download(path, options, name, method);
    throw new ApiError(problem);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function caller<M extends Method>(method: M) {
  return <P extends PathsOf<M>>(path: P, ...args: Args<Operation<P, M>>) =>
    send(method, path as string, args[0] as Loose | undefined) as Promise<Answer<Operation<P, M>>>;
}

export const api = {
  get: caller("get"),
  post: caller("post"),
  put: caller("put"),
  patch: caller("patch"),
  delete: caller("delete"),
};

/** Sends a file with progress (fetch cannot tell how much has gone up). */
export function upload<T>(
  path: string,
  options: Pick<Loose, "path" | "query" | "signal"> & {
    file: Blob;
    onProgress?: (sent: number, total: number) => void;
  },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", apiUrl(path, options));
    for (const [name, value] of headersFor("post", { body: options.file }))
      request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (e) => options.onProgress?.(e.loaded, options.file.size);
    request.onerror = () => reject(new NetworkError("upload"));
    request.onabort = () => reject(new DOMException("canceled", "AbortError"));
    request.onload = () => {
      if (request.status < 300) resolve(request.response as T);
      else if (request.response) reject(new ApiError(request.response as Problem));
      else reject(new NetworkError(String(request.status)));
    };
    options.signal?.addEventListener("abort", () => request.abort());
    request.send(options.file);
  });
}
