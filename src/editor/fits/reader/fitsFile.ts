import type { ByteSource } from './byteSource.ts';
import { FitsError } from './fitsError.ts';
import { readHdus, type Hdus } from './hdus.ts';

/** A FITS file whose headers are read. */
export interface FitsFile extends Hdus {
  readonly source: ByteSource;
}

/** Reads the headers, and nothing of the data. Rejects with a FitsError for what is no FITS file. */
export async function readFits(source: ByteSource): Promise<FitsFile> {
  if (source.size === 0) {
    throw new FitsError('The file is empty', 'Look whether the job that writes it has ended');
  }
  return { source, ...(await readHdus(source)) };
}
