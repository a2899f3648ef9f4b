import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type {
  FilePart,
  PartUploads,
  PutOptions,
  PutResult,
  StagingOptions,
  UnfinishedUpload,
  UploadedPart,
} from '../../api.ts';
import { integrity, md5OfEtag, metadata, noStore, sendBody } from './bodies.ts';

/** What a store lends to its uploads in parts. */
export interface PartsHost {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly describe: () => string;
  readonly at: (key: string) => { readonly Bucket: string; readonly Key: string };
  readonly attempt: <T>(tried: string, signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>;
}

/** S3's multipart uploads. */
export class S3PartUploads implements PartUploads {
  readonly #host: PartsHost;

  constructor(host: PartsHost) {
    this.#host = host;
  }

  async create(key: string, options: PutOptions = {}): Promise<string> {
    const { client, at, attempt, describe } = this.#host;
    const tried = `begin to put ${key} into ${describe()}`;
    return attempt(tried, options.signal, async () => {
      const command = new CreateMultipartUploadCommand({ ...at(key), ...metadata(options) });
      const { UploadId } = await client.send(command, withSignal(options));
      if (UploadId === undefined) throw noStore(tried);
      return UploadId;
    });
  }

  async putPart(
    key: string,
    uploadId: string,
    number: number,
    body: FilePart,
    options: PutOptions = {},
  ): Promise<UploadedPart & PutResult> {
    const { client, at, attempt, describe } = this.#host;
    const tried = `put part ${number} of ${key} into ${describe()}`;
    const part = { ...at(key), UploadId: uploadId, PartNumber: number, ...integrity(options) };
    return attempt(tried, options.signal, async () => {
      const answer = await sendBody(body, options.signal, (fields, abortSignal) =>
        client.send(new UploadPartCommand({ ...part, ...fields }), { abortSignal }),
      );
      const { ETag, ChecksumCRC32, ServerSideEncryption } = answer;
      if (ETag === undefined) throw noStore(tried);
      const md5 = md5OfEtag(ETag, ServerSideEncryption);
      return { number, size: body.length, etag: ETag, crc32: ChecksumCRC32, md5 };
    });
  }

  async listParts(
    key: string,
    uploadId: string,
    options: StagingOptions = {},
  ): Promise<readonly UploadedPart[]> {
    const { client, at, attempt } = this.#host;
    const parts: UploadedPart[] = [];
    for (let marker: string | undefined; ;) {
      const after = marker === undefined ? {} : { PartNumberMarker: marker };
      const page = await attempt(`look how far the upload of ${key} came`, options.signal, () =>
        client.send(new ListPartsCommand({ ...at(key), UploadId: uploadId, ...after }), withSignal(options)),
      );
      for (const { PartNumber, Size, ETag, ChecksumCRC32 } of page.Parts ?? []) {
        if (PartNumber === undefined || ETag === undefined) continue;
        parts.push({ number: PartNumber, size: Size ?? 0, etag: ETag, crc32: ChecksumCRC32 });
      }
      const next = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      if (next === undefined || next === marker) return parts;
      marker = next;
    }
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    options: StagingOptions = {},
  ): Promise<void> {
    const { client, at, attempt, describe } = this.#host;
    const Parts = parts.map(({ number, etag, crc32 }) => ({
      PartNumber: number,
      ETag: etag,
      ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 }),
    }));
    await attempt(`complete ${key} in ${describe()}`, options.signal, () =>
      client.send(
        new CompleteMultipartUploadCommand({ ...at(key), UploadId: uploadId, MultipartUpload: { Parts } }),
        withSignal(options),
      ),
    );
  }

  async abort(key: string, uploadId: string, options: StagingOptions = {}): Promise<void> {
    const { client, at, attempt } = this.#host;
    await attempt(`give up the upload of ${key}`, options.signal, () =>
      client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }), withSignal(options)),
    );
  }

  async *unfinished(prefix: string, options: StagingOptions = {}): AsyncGenerator<UnfinishedUpload> {
    const { client, bucket, prefix: own, attempt, describe } = this.#host;
    for (let after: { KeyMarker?: string; UploadIdMarker?: string } = {}; ;) {
      const page = await attempt(`list unfinished uploads to ${describe()}`, options.signal, () =>
        client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: own + prefix, ...after }),
          withSignal(options),
        ),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        // Some stores pass over the prefix.
        if (UploadId === undefined || Key?.startsWith(own + prefix) !== true) continue;
        yield { key: Key.slice(own.length), uploadId: UploadId, startedAt: Initiated?.getTime() ?? 0 };
      }
      const { NextKeyMarker, NextUploadIdMarker } = page;
      if (page.IsTruncated !== true || NextKeyMarker === undefined) return;
      if (NextKeyMarker === after.KeyMarker && NextUploadIdMarker === after.UploadIdMarker) return;
      after = {
        KeyMarker: NextKeyMarker,
        ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
      };
    }
  }
}

export function withSignal({ signal }: { readonly signal?: AbortSignal | undefined }): {
  abortSignal?: AbortSignal;
} {
  return signal === undefined ? {} : { abortSignal: signal };
}
