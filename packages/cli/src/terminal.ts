import { styleText } from 'node:util';

/** Where text goes, and whether a person reads it there. */
export interface Output {
  write(text: string, written?: () => void): boolean;
  readonly isTTY?: boolean | undefined;
  /** Its width, if it has one. */
  readonly columns?: number | undefined;
}

/** What the command knows of the world around it. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Raised when the person wants it to stop. */
  readonly signal: AbortSignal;
}

/** A colour, or a weight. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/** Gives a text its style. */
export type Paint = (style: Style, text: string) => string;

/** Styles for one output: none where it is no terminal, or where `NO_COLOR` asks for none. */
export function paintFor({ isTTY }: Output, env: Terminal['env']): Paint {
  const coloured = isTTY && !env.NO_COLOR && env.TERM !== 'dumb';
  // Whether the stream is a terminal is decided above, for the stream that is meant.
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

/** Writes text; resolves when there is room for more. */
export function write(output: Output, text: string): Promise<void> {
  return new Promise((resolve) => {
    output.write(text, () => resolve());
  });
}

/** All that comes in, as text. */
export async function readAll(input: Terminal['stdin']): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of input) text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  return text;
}
