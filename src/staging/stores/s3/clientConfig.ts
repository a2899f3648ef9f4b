import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { systemAuthorities } from '../../../panda/index.ts';
import { localError } from '../../errors.ts';
import { isAws } from './config.ts';
import type { S3Config, S3Patience } from './config.ts';

const SOCKETS = 64;
const nothing = (): void => undefined;
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Our settings as the SDK takes them. */
export function clientConfig(
  config: S3Config,
  patience: S3Patience,
  secureContext: SecureContext | undefined,
): S3ClientConfig {
  const { endpoint, credentials } = config;
  const region = config.region ?? (isAws(config) ? undefined : 'us-east-1');
  const tls = secureContext === undefined ? {} : { secureContext };
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: config.pathStyle ?? !isAws(config),
    followRegionRedirects: true,
    maxAttempts: patience.attempts,
    // Else the SDK writes its remarks to the console; what matters of them is in our errors.
    logger: SILENT,
    // A store that does not know it lets every large body wait for seconds.
    expectContinueHeader: false,
    ...(credentials.kind === 'keys'
      ? { credentials }
      : credentials.profile === undefined
        ? {}
        : { profile: credentials.profile }),
    requestHandler: {
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.idleMs,
      logger: SILENT,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS, ...tls },
    },
  };
}

/**
 * The authorities of a file and those of the system. Made once: from the text of a hundred certificates each connection
 * would read them anew.
 */
export async function readAuthorities(file: string): Promise<SecureContext> {
  try {
    return createSecureContext({ ca: [...systemAuthorities(), await readFile(file, 'utf8')] });
  } catch (error) {
    throw localError(error, `read the certificate authorities ${file}`);
  }
}
