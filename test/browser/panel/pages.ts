import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArguments, requireChromium } from '../../../scripts/lib/chromium.ts';
import { testOutput } from '../../../scripts/lib/paths.ts';

const screenshots = join(testOutput, 'screenshots');

interface OpenPage {
  readonly faults: readonly string[];
  dispose(): Promise<void>;
}

/** The browser of a suite, with one page at a time: closed after its test, which fails where the page had a fault. */
export class Pages<Opened extends OpenPage> {
  #browser: Browser | undefined;
  #current: Opened | undefined;

  get browser(): Browser {
    if (this.#browser === undefined) throw new Error('the browser is not open');
    return this.#browser;
  }

  get current(): Opened {
    if (this.#current === undefined) throw new Error('no page is open');
    return this.#current;
  }

  opened<Page extends Opened>(page: Page): Page {
    this.#current = page;
    return page;
  }

  /** To be called in the `describe` of the suite. */
  registerHooks(): void {
    before(async () => {
      await mkdir(screenshots, { recursive: true });
      this.#browser = await chromium.launch({
        executablePath: requireChromium(process.env),
        args: chromiumArguments,
      });
    });
    after(() => this.#browser?.close());
    afterEach(async () => {
      const page = this.#current;
      this.#current = undefined;
      await page?.dispose();
      assert.deepEqual(page?.faults ?? [], []);
    });
  }
}

/** Tells how long the page has worked since it was last asked, in milliseconds of processor time: a busy machine adds nothing. */
export async function watchWork(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  let before = 0;
  const worked = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value;
    assert(seconds !== undefined, 'the browser does not tell how long the page worked');
    const since = seconds * 1000 - before;
    before = seconds * 1000;
    return since;
  };
  await worked();
  return worked;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/**
 * Does something on a page; tells how long its longest task took meanwhile, in milliseconds of processor time: so long it
 * answered nothing, and a busy machine adds nothing. Collections of garbage count as parts of the tasks that they hold up.
 */
export async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  const browser = page.context().browser();
  assert(browser !== null);
  await browser.startTracing(page, { categories: ['toplevel'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString('utf8')) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.flatMap(({ name, ph, pid, tid, tdur }) =>
    ph === 'X' && name.endsWith('RunTask') && mains.has(`${pid} ${tid}`) && tdur !== undefined
      ? [tdur / 1000]
      : [],
  );
  assert.notEqual(tasks.length, 0, 'the browser does not tell of the tasks of the page');
  return tasks.reduce((longest, task) => Math.max(longest, task));
}

/** Saves what a page shows to `test-output/screenshots`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
