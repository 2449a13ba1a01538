// Bundlers without a platform of their own, and runtimes that nobody knew: what any fetch can do.
export * from './edge.ts';
