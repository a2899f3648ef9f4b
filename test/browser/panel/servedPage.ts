/** A built page of ours in a browser, as the editor would show it in a webview: policy, theme and messages are the same. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { dist } from '../../../scripts/lib/paths.ts';
import { pageHtml } from '../../../src/editor/pages/html.ts';
import themes from './themes.json' with { type: 'json' };

export type Theme = keyof typeof themes;

export interface ServedPageOptions {
  readonly browser: Browser;
  /** Which page: `panel`. */
  readonly name: string;
  /** Joins the host to the page before that is loaded: gets how to post, gives who receives. */
  readonly join: (post: (message: object) => void) => (message: unknown) => void;
  readonly theme?: Theme | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export interface ServedPage {
  readonly page: Page;
  /** Violations of the content security policy, and errors of the page's script. */
  readonly faults: string[];
  /** The editor throws a hidden page away; what is posted meanwhile is lost. */
  hide(): Promise<void>;
  show(): Promise<void>;
  dispose(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  ttf: 'font/ttf',
  html: 'text/html',
};
const NONCE = 'bm9uY2Utb2YtdGhlLXRlc3Q';

export async function openServedPage(options: ServedPageOptions): Promise<ServedPage> {
  const server = await serve(options.name);
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/`;
  const page = await options.browser.newPage({
    viewport: { width: options.width ?? 1100, height: options.height ?? 760 },
  });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  let listening = true;
  const receive = options.join((message) => {
    if (listening) void post(page, message);
  });
  await page.exposeFunction('toHost', (message: string) => receive(JSON.parse(message)));
  await page.addInitScript(pretendToBeVsCode, {
    theme: options.theme ?? 'vscode-dark',
    variables: themes[options.theme ?? 'vscode-dark'],
  });
  await page.goto(address);
  return {
    page,
    faults,
    async hide() {
      listening = false;
      await page.goto('about:blank');
    },
    async show() {
      listening = true;
      await page.goto(address);
    },
    async dispose() {
      listening = false;
      await page.close();
      server.close();
    },
  };
}

/** As the editor does it: bytes arrive as bytes. */
async function post(page: Page, message: object): Promise<void> {
  const bytes = 'bytes' in message && message.bytes instanceof Uint8Array ? message.bytes : undefined;
  await page
    .evaluate(
      ({ text, encoded }) => {
        const received = JSON.parse(text) as Record<string, unknown>;
        if (encoded !== undefined) {
          const binary = atob(encoded);
          const made = new Uint8Array(binary.length);
          for (let index = 0; index < binary.length; index += 1) made[index] = binary.charCodeAt(index);
          received.bytes = made;
        }
        window.postMessage(received);
      },
      {
        text: JSON.stringify({ ...message, bytes: undefined }),
        encoded: bytes === undefined ? undefined : Buffer.from(bytes).toString('base64'),
      },
    )
    // The page may be gone by now.
    .catch(() => undefined);
}

/** Runs in the page before anything else. */
function pretendToBeVsCode({
  theme,
  variables,
}: {
  theme: string;
  variables: Readonly<Record<string, string>>;
}): void {
  const surroundings = window as unknown as {
    toHost: (message: string) => void;
    acquireVsCodeApi: () => unknown;
  };
  surroundings.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => surroundings.toHost(JSON.stringify(message)),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
    setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
  });
  document.addEventListener('DOMContentLoaded', () => document.body.classList.add(theme));
  new MutationObserver((_, observer) => {
    observer.disconnect();
    for (const [name, value] of Object.entries(variables))
      document.documentElement.style.setProperty(name, value);
  }).observe(document, { childList: true });
}

function serve(page: string): Promise<Server> {
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1).replace(/\?.*$/, '');
    const content =
      name === 'index.html'
        ? Promise.resolve(
            pageHtml(
              {
                title: 'A page',
                script: `/${page}.js`,
                styles: ['/codicon.css', `/${page}.css`],
                source: "'self'",
              },
              NONCE,
            ),
          )
        : readFile(join(dist, 'webview', name.replaceAll('..', '')));
    content.then(
      (body) =>
        response.setHeader('Content-Type', types[name.split('.').at(-1) ?? ''] ?? 'text/plain').end(body),
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
