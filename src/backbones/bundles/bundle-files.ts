// Where the files of a bundle are: in the deployment, or in the operator's bucket. Neither is served to the public.
import { BackboneAway, type BackboneContext } from "../backbone.ts";

export interface BundleFiles {
  /** Throws `BackboneAway` where the file cannot be read now. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Seconds after which a store that failed may answer again. */
const RETRY_SECONDS = 5;

const away = (id: string, name: string, problem: string): BackboneAway =>
  new BackboneAway(`The file ${name} of the backbone "${id}" cannot be read: ${problem}`, RETRY_SECONDS);

/**
 * Files under `assets/backbones/<id>/` of this deployment. PLATFORM: the binding ignores the host. wrangler.toml sends public requests for
 * these paths to the Worker, which has no route for them.
 */
export const filesOfDeployment = (id: string, { assets }: Pick<BackboneContext, "assets">): BundleFiles => ({
  read: async (name) => {
    const response = await orAway(id, name, () => assets.fetch(`http://assets/backbones/${id}/${name}`));
    if (response.status !== 200) throw away(id, name, `this deployment answers ${response.status}`);
    return new Uint8Array(await orAway(id, name, () => response.arrayBuffer()));
  },
});

/** Files `<id>/…` of the operator's bucket. */
export const filesOfBucket = (id: string, { bucket }: Pick<BackboneContext, "bucket">): BundleFiles => ({
  read: async (name) => {
    const object = bucket && (await orAway(id, name, () => bucket.get(`${id}/${name}`)));
    if (!object) throw away(id, name, bucket ? "the bucket does not hold it" : "this deployment has no bucket");
    return new Uint8Array(await orAway(id, name, () => object.arrayBuffer()));
  },
});

async function orAway<Result>(id: string, name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw away(id, name, String(error));
  }
}
