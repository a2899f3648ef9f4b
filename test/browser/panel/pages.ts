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

/** Saves what a page shows to `test-output/screenshots`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
