// Reads NDJSON from a stream of bytes.

export async function* jsonLines<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
  }
  if (text !== "") yield JSON.parse(text) as T;
}
