import { Worker } from 'node:worker_threads';
import type { CatalogReport, CatalogRequest, CheckOptions } from './checkCatalog.ts';
import type { ReadTrouble } from '../../readBytes.ts';
import { ReadError } from '../../readBytes.ts';

/** What the worker says: how far it is, and in the end one of the others. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly read: number; readonly total: number }
  | { readonly kind: 'report'; readonly report: CatalogReport }
  | { readonly kind: 'unreadable'; readonly trouble: ReadTrouble };

/** MB for what lives long in the worker: several times what a check needs. */
const MEMORY = 128;

/**
 * As `checkCatalog`, in a thread of its own so that nothing waits for it. `entry`: the built `checkWorker.js`.
 * Aborting ends the thread.
 */
export function checkCatalogInWorker(
  entry: string | URL,
  request: CatalogRequest,
  { signal, onProgress }: CheckOptions = {},
): Promise<CatalogReport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = new Worker(entry, {
      workerData: request,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    });
    const end = (finish: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      void worker.terminate();
      finish();
    };
    const onAbort = (): void => {
      end(() => {
        reject(signal?.reason instanceof Error ? signal.reason : new Error('The check was ended.'));
      });
    };
    signal?.addEventListener('abort', onAbort);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') onProgress?.(message.read, message.total);
      else if (message.kind === 'report') {
        end(() => {
          resolve(message.report);
        });
      } else {
        end(() => {
          reject(new ReadError(message.trouble));
        });
      }
    });
    worker.on('error', (error) => {
      end(() => {
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
    worker.on('exit', (code) => {
      end(() => {
        reject(new Error(`The check ended without a result, with code ${code}.`));
      });
    });
  });
}
