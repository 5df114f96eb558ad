import { ApiError } from "./errors";

const UNSAFE = /^(POST|PUT|PATCH|DELETE)$/;

/** Fetch as every call of the pages makes it: session cookie, CSRF token, refusals thrown as `ApiError`. */
export async function send(request: Request): Promise<Response> {
  const answer = await fetch(signed(request)).catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new ApiError(0, null);
  });
  if (answer.ok) return answer;
  throw new ApiError(answer.status, await bodyOf(answer), answer.headers.get("Retry-After"));
}

function signed(request: Request): Request {
  if (!UNSAFE.test(request.method)) return request;
  const headers = new Headers(request.headers);
  headers.set("X-CSRFToken", cookie("csrftoken"));
  return new Request(request, { headers });
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

async function bodyOf(answer: Response): Promise<unknown> {
  if (!answer.headers.get("content-type")?.includes("json")) return null;
  return answer.json().catch(() => null);
}
