/** Entry of the thread that checks one catalog: takes a CatalogRequest and answers with WorkerMessages. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkCatalog } from './checkCatalog.ts';
import type { CatalogRequest } from './checkCatalog.ts';
import type { WorkerMessage } from './checkInWorker.ts';
import { ReadError } from '../../readBytes.ts';

/** Between two messages on progress, ms. */
const PACE = 50;

async function run(request: CatalogRequest, tell: (message: WorkerMessage) => void): Promise<void> {
  let last = 0;
  const onProgress = (read: number, total: number): void => {
    const now = performance.now();
    if (now - last < PACE) return;
    last = now;
    tell({ kind: 'progress', read, total });
  };
  try {
    tell({ kind: 'report', report: await checkCatalog(request, { onProgress }) });
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    tell({ kind: 'unreadable', trouble: error.trouble });
  }
}

function isRequest(value: unknown): value is CatalogRequest {
  return typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';
}

if (parentPort !== null && isRequest(workerData)) {
  const port = parentPort;
  await run(workerData, (message) => {
    port.postMessage(message);
  });
}
