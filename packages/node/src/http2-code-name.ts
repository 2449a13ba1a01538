import { constants } from 'node:http2';

/** Names the code of a RST_STREAM or GOAWAY frame. */
export const http2CodeName = (code: number): string => {
  const name = Object.entries(constants).find(
    ([key, value]) => value === code && errorCodes.test(key) && !key.startsWith('NGHTTP2_ERR'),
  )?.[0];
  return name?.slice('NGHTTP2_'.length) ?? `code ${code}`;
};

const errorCodes =
  /^NGHTTP2_(?:NO_ERROR|\w+_ERROR|REFUSED_STREAM|CANCEL|SETTINGS_TIMEOUT|STREAM_CLOSED|ENHANCE_YOUR_CALM|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/;
