/**
 * Where a job finds the manifest of its staged files, as a word of its parameters. Those can be read by everybody, so
 * that it is no secret itself:
 * - `file:///data/staging/manifests#17`: an object in a folder that the worker node sees;
 * - `secret:desc_panda_0abcdefghi:alice/0abcdefghi/manifests#17`: an object whose presigned URL the user secret
 *   `desc_panda_0abcdefghi` holds; its key in the bucket only tells people which one it is;
 * - `https://example.org/manifests#17`: an object that anybody may fetch.
 *
 * The object holds the manifests of a whole submission; `#17` is the number of the job within it, from 1. Without
 * number the object is the manifest itself.
 */
export type ManifestReference = `${'secret:' | 'file://' | 'https://' | 'http://'}${string}`;

/** The key of the user secret with the URL of a submission's manifests: `desc_panda_<submission id>`. */
export function manifestSecretKey(submissionId: string): string {
  return `desc_panda_${submissionId}`;
}

/** The reference to manifest `number` of the object `objectKey`, whose URL is in the user secret `secretKey`. */
export function manifestInSecret(secretKey: string, objectKey: string, number: number): ManifestReference {
  return `secret:${secretKey}:${objectKey}#${number}`;
}

/** True where the worker node has to be given the user's secrets. */
export function needsSecrets(reference: ManifestReference): boolean {
  return reference.startsWith('secret:');
}
