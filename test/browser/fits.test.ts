import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { tmpdir } from 'node:os';
import type { Page } from 'playwright-core';
import { FitsView } from '../../src/editor/fits/fitsView.ts';
import { copyToLocal, memoryBytes, type ByteSource } from '../../src/editor/fits/reader/index.ts';
import { until } from '../support/until.ts';
import {
  card,
  dataBlocks,
  emptyPart,
  headerBlocks,
  imagePart,
  starField,
  tanKeywords,
} from '../unit/fits/fitsWriter.ts';
import { Pages, screenshot, watchWork } from './panel/pages.ts';
import { openServedPage, type ServedPage, type Theme } from './panel/servedPage.ts';

const pages = new Pages<ServedPage & { readonly copied: string[] }>();

interface Shown {
  readonly theme?: Theme;
  readonly width?: number;
}

/** A file in the page, with the real host side behind it. */
async function open(content: Uint8Array | (() => ByteSource), options: Shown = {}): Promise<Page> {
  const copied: string[] = [];
  const view: { made?: FitsView } = {};
  const source = typeof content === 'function' ? content : () => memoryBytes(content);
  const page = await openServedPage({
    browser: pages.browser,
    name: 'fits',
    ...options,
    join(send) {
      const made = new FitsView({
        name: 'lsst_e_900001_f2_R22_S11_E000.fits.gz',
        open: ({ signal, onProgress }) =>
          copyToLocal(source(), { temporaryFolder: tmpdir(), signal, onProgress }),
        send,
        copy: (text) => copied.push(text),
        note: () => undefined,
      });
      view.made = made;
      return (message) => made.receive(message);
    },
  });
  pages.opened({
    ...page,
    copied,
    dispose: async () => {
      view.made?.dispose();
      await page.dispose();
    },
  });
  return page.page;
}

/** Colours of the image, coarsely: what share of it is not the background, and how light it is on average. */
async function look(page: Page): Promise<{ readonly covered: number; readonly light: number }> {
  return page.locator('.image canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let covered = 0;
    let light = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] === 0) continue;
      covered += 1;
      light += data[at]!;
    }
    return { covered: covered / (canvas.width * canvas.height), light: light / Math.max(1, covered) };
  });
}

async function painted(page: Page): Promise<void> {
  await page.locator('.status .facts', { hasText: 'median' }).waitFor();
  await until('an image', async () => (await look(page)).covered > 0.05);
}

describe('the FITS viewer', () => {
  pages.registerHooks();

  const sky = gzipSync(
    starField(1200, 1000, { ...tanKeywords(1200, 1000, 53.1, -28.1), EXPTIME: 30, FILTER: 'r' }),
    {
      level: 1,
    },
  );

  for (const theme of ['vscode-dark', 'vscode-light', 'vscode-high-contrast'] as const) {
    it(`shows image, header and values in ${theme}`, async () => {
      const page = await open(sky, { theme });
      await painted(page);
      await page.keyboard.press('h');
      await page.locator('.header td', { hasText: 'CRVAL1' }).waitFor();
      const box = (await page.locator('.image').boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page
        .locator('.here', {
          hasText:
            /x 60[01].*y 50[01].*RA 03:32:2[34]\.\d{3}.*Dec −28:0(5:59|6:00)\.\d\d.*53\.(?:10|09).*ICRS/,
        })
        .waitFor();
      await screenshot(page, `fits-${theme.replace('vscode-', '')}`);
    });
  }

  it('shows the value of the very pixel under the pointer', async () => {
    const stored = (index: number): number => (index % 7) * 1000 + index;
    const page = await open(imagePart({ bitpix: 32, axes: [40, 30], stored }));
    await painted(page);
    await page.locator('.image').focus();
    for (let i = 0; i < 6; i += 1) await page.keyboard.press('+');
    await page.keyboard.press('ArrowRight');
    const text = await until('a value', async () => {
      const said = await page.locator('.here').innerText();
      return /\d\s+y \d+\s+\d+/.test(said) ? said : undefined;
    });
    const [, x = '', y = '', value = ''] = /x (\d+)\s+y (\d+)\s+(\d+)/.exec(text) ?? [];
    assert.equal(Number(value), stored((Number(y) - 1) * 40 + Number(x) - 1));
    await screenshot(page, 'fits-pixels');
  });

  it('has the first row at the bottom', async () => {
    const page = await open(
      imagePart({ bitpix: 8, axes: [64, 64], stored: (index) => (index < 32 * 64 ? 250 : 5) }),
    );
    await painted(page);
    const halves = await page.locator('.image canvas').evaluate((canvas: HTMLCanvasElement) => {
      const context = canvas.getContext('2d')!;
      const at = (share: number): number =>
        context.getImageData(canvas.width / 2, canvas.height * share, 1, 1).data[0]!;
      return { top: at(0.25), bottom: at(0.75) };
    });
    assert.ok(halves.top < 20 && halves.bottom > 230, JSON.stringify(halves));
  });

  it('takes stretch, limits, colours and zoom from keys, and keeps them over hiding', async () => {
    const page = await open(sky);
    await painted(page);
    const before = await look(page);
    await page.keyboard.press('c');
    await until('inverted colours', async () => (await look(page)).light > 255 - before.light - 30);
    await page.keyboard.press('c');
    await page.keyboard.press('s');
    await page.keyboard.press('1');
    await page.locator('.zoom', { hasText: '100 %' }).waitFor();
    await screenshot(page, 'fits-viridis');
    await pages.current.hide();
    await pages.current.show();
    await painted(page);
    await page.locator('.zoom', { hasText: '100 %' }).waitFor();
    assert.equal(await page.locator('vscode-dropdown').nth(2).getAttribute('current-value'), 'viridis');
    await page.keyboard.press('0');
    await until('the whole', async () => !(await page.locator('.zoom').innerText()).startsWith('100'));
  });

  it('is quick with a sensor, and sharp when zoomed in', async () => {
    const sensor = starField(4000, 4072, tanKeywords(4000, 4072, 53.1, -28.1));
    const begun = process.cpuUsage();
    const page = await open(sensor);
    const worked = await watchWork(page);
    await painted(page);
    const hostMs = process.cpuUsage(begun).user / 1000;
    const pageMs = await worked();
    assert.ok(hostMs + pageMs < 6000, `${hostMs} ms here, ${pageMs} ms in the page`);
    await page.keyboard.press('1');
    const sharp = (): Promise<number> =>
      page.locator('.image canvas').evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, 200, 200);
        let change = 0;
        for (let at = 4; at < data.length; at += 4) change += Math.abs(data[at]! - data[at - 4]!);
        return change;
      });
    const blurred = await sharp();
    await until('tiles', async () => (await sharp()) > blurred * 1.5 || (await sharp()) > 200_000);
    await worked();
    const steps: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      await page.keyboard.press('Shift+ArrowRight');
      steps.push(await worked());
    }
    assert.deepEqual(
      steps.filter((ms) => ms > 200),
      [],
    );
  });

  it('goes through parts and planes, and says what has no image', async () => {
    const table = Buffer.concat([
      headerBlocks([
        card('XTENSION', 'BINTABLE'),
        card('BITPIX', 8),
        card('NAXIS', 2),
        card('NAXIS1', 8),
        card('NAXIS2', 3),
        card('PCOUNT', 0),
        card('GCOUNT', 1),
        card('TFIELDS', 1),
        card('TTYPE1', 'FLUX'),
        card('EXTNAME', 'CATALOG'),
      ]),
      dataBlocks(Buffer.alloc(24)),
    ]);
    const cube = imagePart(
      {
        bitpix: 16,
        axes: [50, 40, 3],
        stored: (index) => Math.floor(index / 2000) * 100 + (index % 50),
        keywords: { EXTNAME: 'SCI' },
      },
      true,
    );
    const page = await open(Buffer.concat([emptyPart({ OBJECT: "Barnard's star" }), cube, table]));
    await painted(page);
    assert.deepEqual(await page.locator('select.parts option').allInnerTexts(), [
      '0 · header only',
      '1 · SCI · image 50 × 40 × 3',
      '2 · CATALOG · table of 3 rows',
    ]);
    await page.locator('.plane', { hasText: 'plane 1 of 3' }).waitFor();
    await page.keyboard.press('.');
    await page.locator('.plane', { hasText: 'plane 2 of 3' }).waitFor();
    await page.locator('.facts', { hasText: 'min 100' }).waitFor();
    await page.keyboard.press('PageDown');
    await page.getByText('A table of 3 rows and 1 column: FLUX. Only its header is shown.').waitFor();
    await screenshot(page, 'fits-table');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('PageUp');
    await page.locator('.header td', { hasText: "Barnard's star" }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('naxis');
    await page.getByText('1 of 4 lines').waitFor();
  });

  for (const [what, content, sentence] of [
    ['text', Buffer.from('no FITS at all'), /This is not a FITS file/],
    ['an empty file', Buffer.alloc(0), /The file is empty/],
    ['half a gzip file', sky.subarray(0, sky.length / 2), /The compressed file is cut short/],
    [
      'a header without END',
      headerBlocks([card('SIMPLE', true), card('BITPIX', 8)], false),
      /The header has no END/,
    ],
  ] as const) {
    it(`says in one sentence what is wrong with ${what}`, async () => {
      const page = await open(content);
      await page.locator('.trouble', { hasText: sentence }).waitFor();
      assert.equal(await page.locator('body > .progress').isVisible(), false);
      assert.equal(await page.locator('main').isVisible(), false);
      if (what === 'text') await screenshot(page, 'fits-trouble');
    });
  }

  it('shows what there is of a file that is cut short', async () => {
    const page = await open(starField(300, 300).subarray(0, 180_000));
    await painted(page);
    await page.locator('.problem', { hasText: 'The file is cut short' }).waitFor();
    await screenshot(page, 'fits-cut');
  });
});
