export { type AwsCredentials, type SigV4Options, sigv4 } from './sigv4.ts';
