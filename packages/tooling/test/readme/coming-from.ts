import { codeIn, readTable } from './tables.ts';

/** The last column of the table 'Coming from elsewhere' as a module for the compiler: calls as statements, options as options. */
export const comingFromModule = (readme: string): string => {
  const forms = readTable(readme, 'Coming from elsewhere').map((cells) => codeIn(cells.at(-1) ?? ''));
  if (forms.includes('')) throw new Error('a row has no code in its last column');
  return [
    "import { type CallOptions, Session, type SessionOptions, type SessionResponse, type Transport, urllib3Retry } from 'httpsession';",
    'declare const session: Session, response: SessionResponse, transport: Transport, signal: AbortSignal, blob: Blob;',
    'declare const url: string, baseUrl: string, user: string, password: string, value: unknown;',
    'declare const headers: Record<string, string>, params: Record<string, string>;',
    ...forms.map((form) =>
      form.startsWith('{') ? `export const options: CallOptions | SessionOptions = ${form};` : `${form};`,
    ),
    '',
  ]
    .join('\n')
    .replace(/export const options/g, numbered());
};

const numbered = (): (() => string) => {
  let count = 0;
  return () => `export const options${count++}`;
};
