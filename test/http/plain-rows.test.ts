// Bodies that are parsed in place: the result equals that of the general parser, or the body is left to that parser.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { readPlainRows } from "../../src/http/serving/plain-rows.ts";
import { seededRandom } from "../support/random.ts";

const read = (body: string) => readPlainRows(utf8(body));

/** The fields of a body as the general parser finds them, vectors as float32. */
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
  ])("is parsed as the general parser does: %j", (body) => {
    expect(read(body)).toEqual(parsed(body));
  });
});

it("a body with random changes of characters is parsed as the general parser does, or is left to it", () => {
  const bodies = [
    '{"inputs":[{"features":[1,-2.5e-3,0.25]},{"features":[4]}],"top":3,"key":"a"}',
    '{ "inputs" : [ { "features" : [ 10 , 20 ] } ] , "consistency" : "strong" }',
  ];
  const { below } = seededRandom(11);
  const characters = [...'{}[]:,"\\ \n0123456789.-+eEinputsfeatures\u00a0'];
  let taken = 0;
  for (let i = 0; i < 20_000; i++) {
    const spoilt = [...(bodies[below(bodies.length)] as string)];
    for (let change = below(3); change >= 0; change--) {
      spoilt.splice(
        below(spoilt.length),
        below(2),
        ...Array.from({ length: below(2) }, () => characters[below(characters.length)] as string),
      );
    }
    const body = spoilt.join("");
    const rows = read(body);
    if (!rows) continue;
    taken++;
    expect(rows, body).toEqual(parsed(body)); // throws if it is not JSON
  }
  expect(taken).toBeGreaterThan(2_000);
});

describe("anything else", () => {
  it.each([
    ...["", " ", "7", "null", "[]", "{}", '{"inputs":[]}', '{"inputs":7}', '{"inputs":[7]}', '{"inputs":[{}]}'],
    ...['{"inputs":[{"features":"AAAA"}]}', '{"inputs":[{"text":"x"}]}', '{"inputs":[{"features":[1],"text":"x"}]}'],
    ...['{"inputs":[{"features":[1]},{"text":"x"}]}', '{"inputs":[{"features":[]}]}', '{"inputs":[[1]]}'],
    // The general parser uses the last of two fields with one name.
    ...['{"inputs":[{"features":[1]}],"inputs":[]}', '{"inputs":[{"features":[1],"features":[2]}]}'],
    ...['{"inputs":[{"features":[1]}],"\\u0069nputs":[{"features":[2]}]}', '{"top":1,"inputs":[{"features":[1]}]}'],
    // These are not JSON.
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
  ])("is left to the general parser: %j", (body) => {
    expect(read(body)).toBeNull();
  });

  it("is left to the general parser if its options are not UTF-8", () => {
    const body = utf8('{"inputs":[{"features":[1]}],"key":"?"}');
    body[body.indexOf("?".charCodeAt(0))] = 0xff;
    expect(readPlainRows(body)).toBeNull();
  });
});
