/**
 * The PanDA client: HTTP, authentication, jobs, sites and the monitor behind one typed interface. Also the library entry
 * `desc-panda/client`: `createPandaClient(profile)` is where to begin, `parseProfile` makes a profile of settings.
 *
 * Everything rejects with `PandaError`, whose message says what was tried and what came back and whose `advice` says
 * what to do, or with the reason of the `AbortSignal` given. `mayHaveActed` tells whether a change may have happened
 * although no answer came.
 */
export type * from './api.ts';
export { createPandaClient } from './client.ts';
export type { ClientDependencies } from './client.ts';
export { datacatConnection } from './profiles/datacatConnection.ts';
export type { DatacatConnection } from './profiles/datacatConnection.ts';
export { createMonitorCache } from './monitor/cache.ts';
export type { MonitorCache, MonitorCacheLimits } from './monitor/cache.ts';
export type { TokenSource } from './auth/tokenSource.ts';
export * from './errors/errors.ts';
export * from './jobs/record.ts';
export type * from './jobs/request.ts';
export type * from './profiles/profile.ts';
export type * from './tasks/tasksApi.ts';
export type * from './tasks/taskParameters.ts';
export * from './tasks/taskStates.ts';
export * from './tasks/taskCommands.ts';
export { retryParameterProblem } from './tasks/retryParameters.ts';
export { readCommand } from './tasks/commandPieces.ts';
export type { CommandPiece, Placeholder } from './tasks/commandPieces.ts';
export { archiveOf, makeTaskName, scriptTaskParameters } from './tasks/scriptTask.ts';
export type { ScriptTask, TaskSplit, UniqueTaskParameters } from './tasks/scriptTask.ts';
export { InvalidTaskError, validateTaskParameters } from './tasks/validateTask.ts';
export * from './states.ts';
export { validateJobSpec, validateJobSpecs } from './jobs/validateJobSpec.ts';
export { buildJobSpec, outputLfn, payloadWords } from './jobs/buildJobSpec.ts';
export type { JobContext, PayloadPlaces } from './jobs/buildJobSpec.ts';
export { manifestInSecret, manifestSecretKey } from './jobs/manifestReference.ts';
export type { ManifestReference } from './jobs/manifestReference.ts';
export { makeJobName, makeSubmissionId, parseJobName } from './jobs/names.ts';
export type { JobNameParts } from './jobs/names.ts';
export { shellJoin, shellQuote } from './text/shellQuote.ts';
export { splitShellWords } from './text/shellWords.ts';
export { parseProfile } from './profiles/profileConfig.ts';
export type { ProfileResult, ProfileSurroundings } from './profiles/profileConfig.ts';
export { ProfileError } from './profiles/profileError.ts';
export { ENVIRONMENT, listProfiles, resolveProfile, SANDBOX } from './profiles/resolveProfile.ts';
export type {
  ProfileChoice,
  ProfileInputs,
  ProfileSource,
  ProfileWish,
  ResolvedProfile,
} from './profiles/resolveProfile.ts';
export { describeAuthentication, valuesGivenBy } from './profiles/profileValues.ts';
export type { ProfileValue } from './profiles/profileValues.ts';
export { profilesFilePath, readProfilesFile } from './profiles/profilesFile.ts';
export type { ProfilesFile } from './profiles/profilesFile.ts';
export { readSetupScript } from './profiles/setupScript.ts';
export { variablesOf } from './profiles/variables.ts';
export type { SetupVariables, Variables } from './profiles/variables.ts';
export { isSignInAddress, isSignInPage } from './wire/signIn.ts';
export { decodeTime } from './wire/time.ts';
export { errorName, jobErrors } from './errors/jobErrors.ts';
export { describeUnknown, isUnknownError, knownErrors } from './errors/descriptions.ts';
export { withoutRepeats } from './errors/repeats.ts';
export { monitorColumn } from './monitor/jobPage.ts';
export type { ErrorAttributes, ErrorComponent, JobError } from './errors/jobErrors.ts';
export { adler32, formatAdler32 } from './adler32.ts';
export { cleanText, pageTitle } from './text/cleanText.ts';
export { cleanName, nameOfToken } from './auth/userName.ts';
export { readClaims } from './auth/claims.ts';
export type { TokenClaims } from './auth/claims.ts';
export type { DeviceFlowOptions } from './auth/deviceFlow.ts';
export { withLockFile } from './auth/lockFile.ts';
export type { DeviceCode } from './auth/provider.ts';
export type { Account, SignIn, SignInStatus } from './auth/signIn.ts';
export { signInFor } from './auth/signInFor.ts';
export type { SignInOptions } from './auth/signInFor.ts';
export { tokenFile } from './auth/tokenFile.ts';
export { parseTokenSet } from './auth/tokenSet.ts';
export type { SignInEnd, TokenSet } from './auth/tokenSet.ts';
export type { AccountStore, KeptTokens, TokenStore } from './auth/tokenStore.ts';
export { accountFiles, OWN_FOLDER, subjectOf } from './auth/accountFiles.ts';
export { usedIdentity } from './auth/usedIdentity.ts';
export type { UsedIdentity } from './auth/usedIdentity.ts';
export { identityFacts } from './auth/identityFacts.ts';
export type { IdentityFacts } from './auth/identityFacts.ts';
export { withKnownUser } from './auth/knownUser.ts';
export { tokensOfOnePerson } from './auth/onePerson.ts';
export { readCertificateFile } from './http/certificate.ts';
export type { CertificateFacts } from './http/certificate.ts';
export { askDiscoveryUrl, askIssuer } from './auth/askIssuer.ts';
export { connectionError } from './http/connectionError.ts';
export { createHttp } from './http/http.ts';
export { isLoopback, proxyFor } from './http/agents.ts';
export { HttpFailure } from './http/types.ts';
export type { Http, HttpAnswer } from './http/types.ts';
export { systemAuthorities, tlsSource } from './http/tlsOptions.ts';
