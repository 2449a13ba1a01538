/** A response of the runtime's own class with this one's status, headers and body. */
export const nativeResponse = (response: Response): Response => {
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  if (headers.has('content-encoding')) {
    // The body is decoded: with the old coding and length in front of it, nobody could read it.
    headers.delete('content-encoding');
    headers.delete('content-length');
  }
  // WHATWG Fetch: a response with one of these has no body at all.
  const body = [101, 204, 205, 304].includes(status) ? null : response.body;
  return new Response(body, { status, statusText, headers });
};
