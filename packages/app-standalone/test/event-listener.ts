/** What has come of a stream of events so far. */
export class EventListener {
  readonly #stop = new AbortController();
  #text = '';

  /** Connects; resolves when the server has taken the stream up. */
  static async open(url: string, lastEventId?: string): Promise<EventListener> {
    const listener = new EventListener();
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const response = await fetch(url, { headers, signal: listener.#stop.signal });
    if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    void listener.#read(response);
    return listener;
  }

  /** The data of all events of a kind. */
  // biome-ignore lint/suspicious/noExplicitAny: data of every shape
  data(event: string): any[] {
    const pattern = new RegExp(`^event: ${event}\\n(?:id: .*\\n)?data: (.*)\\n\\n`, 'gm');
    return [...this.#text.matchAll(pattern)].map(([, data]) => JSON.parse(data as string));
  }

  /** Where to go on; `undefined` before anything has come. */
  get lastEventId(): string | undefined {
    return [...this.#text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1];
  }

  close(): void {
    this.#stop.abort();
  }

  async #read(response: Response): Promise<void> {
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) this.#text += chunk;
    } catch {
      // It was closed, or the server has gone.
    }
  }
}
