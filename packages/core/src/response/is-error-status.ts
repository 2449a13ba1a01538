/** 4xx and 5xx (RFC 9110 15.5, 15.6): what `raiseForStatus` and the shortcuts of a promise raise on. */
export const isErrorStatus = (status: number): boolean => status >= 400 && status <= 599;
