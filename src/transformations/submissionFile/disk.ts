import { realpath } from 'node:fs/promises';
import { openFile } from '../readBytes.ts';
import type { SubmissionDisk } from './paths.ts';

/** The files of this machine. */
export const localDisk: SubmissionDisk = {
  realPath: (path) => realpath(path),
  async read(path, most) {
    const file = await openFile(path);
    try {
      return { content: await file.head(most), size: file.size, modified: file.modified };
    } finally {
      await file.close();
    }
  },
};
