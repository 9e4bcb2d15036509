// Sends a file and tells how far it got, which fetch() cannot; answers and failures as in client.ts.
import { ApiError, NetworkError, apiUrl, writingHeaders, type Problem } from "./client";

export interface Upload<T> {
  answer: Promise<T>;
  /** The answer then fails with an AbortError. */
  cancel: () => void;
}

function problemOf(request: XMLHttpRequest): Problem {
  try {
    return JSON.parse(request.responseText) as Problem;
  } catch {
    const title = `${request.status} ${request.statusText}`.trim();
    return { type: "about:blank", title, status: request.status, code: "unreadable", detail: title };
  }
}

/** POSTs the file as it is. `progress` gets the share sent, 0 to 1; at 1 the server still reads. */
export function upload<T>(
  path: string,
  query: Record<string, string>,
  file: Blob,
  progress: (share: number) => void,
): Upload<T> {
  const request = new XMLHttpRequest();
  const answer = new Promise<T>((resolve, reject) => {
    request.open("POST", apiUrl(path, { query }));
    writingHeaders(file.type || "application/octet-stream").forEach((value, name) =>
      request.setRequestHeader(name, value),
    );
    request.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(new ApiError(problemOf(request)));
    };
    request.onerror = () => reject(new NetworkError("the upload broke off"));
    request.onabort = () => reject(new DOMException("canceled", "AbortError"));
    request.send(file);
  });
  return { answer, cancel: () => request.abort() };
}
