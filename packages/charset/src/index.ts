export { apparentEncoding, detectEncoding, readText } from './apparent-encoding.ts';
