export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a body that is JSON. */
  json<T>(): T;
}

export interface AskOptions {
  /** An object is sent as JSON, a string as it is. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export function asker(url: string, token: string) {
  return async (method: string, path: string, options: AskOptions = {}): Promise<Answer> => {
    const { body, headers, signal } = options;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'X-Atlantis-Token': token, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  };
}
