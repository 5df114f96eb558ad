/** What the server answers when it refuses: `detail` is a sentence for people, `code` is for programs. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly body: unknown;
  /** Seconds that the server asks to wait; null where it does not say. */
  readonly retryAfter_s: number | null;

  constructor(status: number, body: unknown, retryAfter: string | null = null) {
    const answer = asRecord(body);
    super(typeof answer.detail === "string" ? answer.detail : sentenceFor(status));
    this.name = "ApiError";
    this.status = status;
    this.code = typeof answer.code === "string" ? answer.code : `http_${status}`;
    this.fields = fieldsOf(answer.fields);
    this.body = body;
    this.retryAfter_s = retryAfter !== null && Number.isFinite(Number(retryAfter)) ? Number(retryAfter) : null;
  }
}

export function isApiError(error: unknown, code?: string | number): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return code === undefined || error.code === code || error.status === code;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function fieldsOf(value: unknown): Record<string, string[]> {
  const entries = Object.entries(asRecord(value));
  return Object.fromEntries(entries.map(([name, said]) => [name, (Array.isArray(said) ? said : [said]).map(String)]));
}

function sentenceFor(status: number): string {
  if (status === 0) return "The server cannot be reached. Your work is kept here; it will try again.";
  if (status === 401) return "Please sign in.";
  if (status === 403) return "Your role in this team does not allow this.";
  if (status === 404) return "This does not exist, or you may not see it.";
  if (status >= 500) return `The server failed (${status}). Nothing was changed; please try again.`;
  return `The server refused the request (${status}).`;
}
