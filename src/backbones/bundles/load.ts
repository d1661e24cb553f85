// Loads a bundle from its files into this isolate: its graph, and what reads its inputs. Every file is checked against its digest.
import { type Bundle, pieceName } from "../../contract/bundle/bundle.ts";
import { sha256Hex, utf8 } from "../../core/bytes.ts";
import { canonicalJson } from "../../core/json-text.ts";
import { logEvent } from "../../core/log.ts";
import { BundleProblem } from "../../graph/bundle-problem.ts";
import type { Graph } from "../../graph/graph.ts";
import { type GraphHost, loadBundle } from "../../graph/load.ts";
import { BackboneAway } from "../backbone.ts";
import type { BundleFiles } from "./bundle-files.ts";
import { type Embed, embedderOf } from "./modalities.ts";

export interface LoadedBundle {
  readonly bundle: Bundle;
  readonly graph: Graph;
  readonly embed: Embed;
}

export interface WantedBundle {
  readonly id: string;
  /** The digest of the bundle: other files under the same names are refused. */
  readonly digest: string;
}

/** `onPiece` is called whenever a file was read. Throws `BackboneAway`, also for files that are not those of the bundle. */
export async function loadFiles(
  { id, digest }: WantedBundle,
  files: BundleFiles,
  host: GraphHost,
  onPiece: () => void,
): Promise<LoadedBundle> {
  try {
    const bundle = await readDescription(digest, files);
    const read = readAhead(bundle, files, onPiece);
    const embedder = await embedderOf(bundle, read);
    const graph = await loadBundle(bundle, read, host); // last: its memory counts until it is disposed of, also if this request is gone
    return { bundle, graph, embed: embedder(graph) };
  } catch (error) {
    if (!(error instanceof BundleProblem)) throw error;
    logEvent("error", "bundle_refused", { backbone: id, error: error.message });
    throw new BackboneAway(`The files of the backbone "${id}" are not those that it was made of. ${error.message}`);
  }
}

async function readDescription(digest: string, files: BundleFiles): Promise<Bundle> {
  const bundle = parseJson(new TextDecoder().decode(await files.read("bundle.json")));
  const { digest: _, ...rest } = bundle;
  const own = await sha256Hex(utf8(canonicalJson(rest)));
  if (own !== digest) throw new BundleProblem("bundle.json", `its digest is ${own}, not ${digest}`);
  return bundle;
}

function parseJson(text: string): Bundle {
  try {
    return JSON.parse(text) as Bundle;
  } catch (error) {
    throw new BundleProblem("bundle.json", String(error));
  }
}

/** Reads pieces in order. The next one is on its way while a piece is checked. */
function readAhead({ pieces }: Bundle, files: BundleFiles, onPiece: () => void) {
  const begun = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  const done = new Set<number>();
  const begin = (piece: number): Promise<Uint8Array<ArrayBuffer>> => {
    const reading = begun.get(piece) ?? files.read(pieceName(piece));
    reading.catch(() => undefined); // the caller that asks for this piece gets the error
    begun.set(piece, reading);
    return reading;
  };
  return async (piece: number): Promise<Uint8Array<ArrayBuffer>> => {
    const reading = begin(piece);
    if (piece + 1 < pieces.length && !done.has(piece + 1)) void begin(piece + 1);
    const bytes = await reading;
    begun.delete(piece);
    done.add(piece);
    onPiece();
    return bytes;
  };
}
