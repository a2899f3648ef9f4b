import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { htmlPage, HTML_TYPE, type PageStatus } from './htmlPage.ts';
import { encodeBody, encodeEnvelope } from './jsonText.ts';

/** Sends an answer. JSON only for who asks for exactly that; the content type is plain text in any case. */
export function send(response: ServerResponse, answer: Answer, { headers }: IncomingMessage): void {
  if (answer.kind === 'text') {
    sendText(response, answer.status, 'text/plain', answer.text);
    return;
  }
  const asJson = headers.accept === 'application/json' || headers['content-type'] === 'application/json';
  if (answer.kind === 'envelope') {
    sendText(response, 200, 'text/plain', encodeEnvelope(answer.body, asJson), asJson ? 'latin1' : 'utf8');
    return;
  }
  const { value } = answer;
  const isBare = typeof value === 'string' && !asJson;
  sendText(response, 200, 'text/plain', isBare ? value : encodeBody(value, asJson));
}

export function sendPage(response: ServerResponse, status: PageStatus): void {
  sendText(response, status, HTML_TYPE, htmlPage(status));
}

/** `latin1`, which is quicker, for what is ASCII only. */
export function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text, encoding),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.end(text, encoding);
}
