/** The built page of the panel in a browser, joined to the real host side of it; what lies behind that is made up. */
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { dist } from '../../../scripts/lib/paths.ts';
import { pageHtml } from '../../../src/editor/panel/html.ts';
import { JobPanel, type JobPanelDeps } from '../../../src/editor/panel/jobPanel.ts';
import type { HostMessage } from '../../../src/editor/panel/messages.ts';
import { createLogTail, systemClock } from '../../../src/watch/index.ts';
import themes from './themes.json' with { type: 'json' };

export type Theme = keyof typeof themes;

export interface PageOptions {
  readonly browser: Browser;
  readonly sessions: JobPanelDeps['sessions'];
  readonly pandaId: number;
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
}

export interface PageHarness {
  readonly page: Page;
  readonly panel: JobPanel;
  /** What the page asked the host's surroundings to do, in order: `cancel 42`, `copy …`. */
  readonly acts: string[];
  /** Violations of the content security policy, and errors of the page's script. */
  readonly faults: string[];
  /** The editor throws a hidden page away, and makes it anew. */
  hideAndShow(): Promise<void>;
  dispose(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  ttf: 'font/ttf',
  html: 'text/html',
};
const NONCE = 'bm9uY2Utb2YtdGhlLXRlc3Q';

export async function openPage(options: PageOptions): Promise<PageHarness> {
  const server = await serve();
  const { port } = server.address() as AddressInfo;
  const page = await options.browser.newPage({
    viewport: { width: options.width ?? 1100, height: options.height ?? 760 },
  });
  const faults: string[] = [];
  const acts: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const link = { listening: true };
  const panel = new JobPanel(
    deps(options, acts),
    { post: (message) => void (link.listening && post(page, message)), setTitle: () => undefined },
    options.pandaId,
    undefined,
  );
  await page.exposeFunction('toHost', (message: string) => panel.receive(JSON.parse(message)));
  await page.addInitScript(pretendToBeVsCode, {
    theme: options.theme ?? 'vscode-dark',
    variables: themes[options.theme ?? 'vscode-dark'],
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  return {
    page,
    panel,
    acts,
    faults,
    async hideAndShow() {
      panel.setVisible(false);
      link.listening = false;
      await page.goto('about:blank');
      link.listening = true;
      panel.setVisible(true);
      await page.goto(`http://127.0.0.1:${port}/`);
    },
    async dispose() {
      link.listening = false;
      panel.dispose();
      await page.close();
      server.close();
    },
  };
}

function deps({ sessions }: PageOptions, acts: string[]): JobPanelDeps {
  return {
    sessions,
    clock: systemClock,
    openTail: (source, file) => createLogTail(source, file, { clock: systemClock, random: Math.random }),
    act: (action, pandaId) => acts.push(`${action} ${pandaId}`),
    openLog: (pandaId, file) => acts.push(`openLog ${pandaId} ${file}`),
    openJob: (pandaId) => acts.push(`openJob ${pandaId}`),
    copy: (text) => acts.push(`copy ${text}`),
    note: () => undefined,
  };
}

/** As the editor does it: the bytes of a log arrive as bytes. */
async function post(page: Page, message: HostMessage): Promise<void> {
  const bytes = 'bytes' in message ? Buffer.from(message.bytes).toString('base64') : undefined;
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
      { text: JSON.stringify({ ...message, bytes: undefined }), encoded: bytes },
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

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1).replace(/\?.*$/, '');
    const content =
      name === 'index.html'
        ? Promise.resolve(
            pageHtml(
              { script: '/panel.js', styles: ['/codicon.css', '/panel.css'], source: "'self'" },
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
