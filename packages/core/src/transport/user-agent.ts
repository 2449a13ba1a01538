/** What platforms without a `User-Agent` of their own send. A test keeps the version equal to package.json. */
export const userAgent = 'httpsession/0.1.0';
