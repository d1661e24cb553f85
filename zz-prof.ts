import {readFileSync} from "node:fs";
import { loadBundle } from "./src/graph/load.ts";
import { MemoryBudget } from "./src/core/memory-budget.ts";
import { nodeKernels } from "./test/support/node-kernels.ts";
import { Graph } from "./src/graph/graph.ts";
const dir=process.argv[2];
const bundle=JSON.parse(readFileSync(dir+"/bundle.json","utf8"));
const k=await nodeKernels();
const host={kernels:k, memory:new MemoryBudget(80<<20,()=>Date.now()), now:()=>Date.now()};
const graph=await loadBundle(bundle, async i=>new Uint8Array(readFileSync(`${dir}/weights-${String(i).padStart(2,"0")}.bin`)), host);
for(const [n,t] of [[1,16],[1,32],[1,128],[8,32],[8,128]] as const){
  const values=Int32Array.from({length:n*t},(_,i)=>1000+i*37%20000), lengths=Array(n).fill(t);
  let best=1e9; for(let i=0;i<60;i++){const a=process.cpuUsage(); await graph.run({count:n,lengths,values},["layer 4","layer 6"]); const u=process.cpuUsage(a); best=Math.min(best,(u.user+u.system)/1000);}
  console.log(n,t,"min ms",best.toFixed(2), "cost/ns", (graph.cost(lengths,n,["layer 6"])/best/1e6).toFixed(1), "heap", (graph.heapBytes/2**20).toFixed(1));
}
// by kernel
const H=(graph as any).__heap;
