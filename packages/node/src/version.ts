/** The version that `User-Agent` tells. A test keeps it equal to package.json. */
export const version = '0.1.0';
