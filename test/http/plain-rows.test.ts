// Bodies that are read without a parser: what a parser makes of them, or nothing, so that the parser has the last word.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { readPlainRows } from "../../src/http/serving/plain-rows.ts";

const read = (body: string) => readPlainRows(utf8(body));

/** The fields of a body as a parser finds them, vectors as float32. */
function parsed(body: string) {
  const { inputs, ...options } = JSON.parse(body) as { inputs: { features: number[] }[] };
  return { inputs: inputs.map(({ features }) => new Float32Array(features)), options };
}

describe("a body of vectors", () => {
  it.each([
    '{"inputs":[{"features":[1,2.5]}]}',
    '{"inputs": [{"features": [1, -2.5e-3]}, {"features": [3]}], "consistency": "strong"}',
    ' {\n\t"inputs" : [ { "features" : [ 1 ] } , { "features":[2]} ]\r\n} \n',
    '{"inputs":[{"features":[1]}],"top":3,"threshold":0.5,"key":"é \\u00e9 ] } , \\" [1]"}',
    '{"inputs":[{"features":[1]}],"unknown":{"inputs":[{"features":[2]}]}}',
  ])("is as a parser finds it: %j", (body) => {
    expect(read(body)).toEqual(parsed(body));
  });
});

describe("anything else", () => {
  it.each([
    ...["", " ", "7", "null", "[]", "{}", '{"inputs":[]}', '{"inputs":7}', '{"inputs":[7]}', '{"inputs":[{}]}'],
    ...['{"inputs":[{"features":"AAAA"}]}', '{"inputs":[{"text":"x"}]}', '{"inputs":[{"features":[1],"text":"x"}]}'],
    ...['{"inputs":[{"features":[1]},{"text":"x"}]}', '{"inputs":[{"features":[]}]}', '{"inputs":[[1]]}'],
    // Of two fields of one name, a parser takes the last.
    ...['{"inputs":[{"features":[1]}],"inputs":[]}', '{"inputs":[{"features":[1],"features":[2]}]}'],
    ...['{"inputs":[{"features":[1]}],"\\u0069nputs":[{"features":[2]}]}', '{"top":1,"inputs":[{"features":[1]}]}'],
    // What is no JSON.
    ...['{"inputs":[{"features":[1]}]', '{"inputs":[{"features":[1]}]}}', '{"inputs":[{"features":[1]}]},{"top":1}'],
    ...['{"inputs":[{"features":[1]}],}', '{"inputs":[{"features":[1]}],1}', '{"inputs":[{"features":[1]}] "top":1}'],
    ...[
      '{"inputs":[{"features":[1]}],"top":1',
      '{"inputs":[{"features":[1]}],"top":1}x',
      '{"inputs":[{"features":[1]},]}',
    ],
    ...[
      '{"inputs":[{"features":[1]}{"features":[2]}]}',
      '{inputs:[{"features":[1]}]}',
      '\u00a0{"inputs":[{"features":[1]}]}',
    ],
  ])("is left to the parser: %j", (body) => {
    expect(read(body)).toBeNull();
  });

  it("is, where its options are no UTF-8", () => {
    const body = utf8('{"inputs":[{"features":[1]}],"key":"?"}');
    body[body.indexOf("?".charCodeAt(0))] = 0xff;
    expect(readPlainRows(body)).toBeNull();
  });
});
