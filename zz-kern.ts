import {readFileSync} from "node:fs";
import { loadBundle } from "./src/graph/load.ts";
import { Heap } from "./src/graph/heap.ts";
import { MemoryBudget } from "./src/core/memory-budget.ts";
import { nodeKernels } from "./test/support/node-kernels.ts";
const dir=process.argv[2];
const bundle=JSON.parse(readFileSync(dir+"/bundle.json","utf8"));
const host={kernels:await nodeKernels(), memory:new MemoryBudget(80<<20,()=>Date.now()), now:()=>Date.now()};
const acc:Record<string,number>={};
const orig=Object.getOwnPropertyDescriptor(Heap.prototype,"growTo");
const graph=await loadBundle(bundle, async i=>new Uint8Array(readFileSync(`${dir}/weights-${String(i).padStart(2,"0")}.bin`)), host);
let heap:any; Heap.prototype.growTo=function(this:any,b:number){heap=this; return (orig!.value as any).call(this,b);} as any;
const mk=(n:number,t:number)=>({count:n,lengths:Array(n).fill(t),values:Int32Array.from({length:n*t},(_,i)=>1000+i*37%20000)});
await graph.run(mk(1,16),["layer 6"]);
const real=heap.kernels; const wrapped:any={}; for(const k of Object.keys(real)) if(typeof real[k]==="function") wrapped[k]=(...a:any[])=>{const t=performance.now(); const r=real[k](...a); acc[k]=(acc[k]??0)+performance.now()-t; return r;};
for(const [n,t] of [[1,16],[1,32],[1,128],[8,32]] as const){
  heap.kernels=real; let cb=1e9; for(let i=0;i<40;i++){const a=process.cpuUsage(); await graph.run(mk(n,t),["layer 4","layer 6"]); const u=process.cpuUsage(a); cb=Math.min(cb,(u.user+u.system)/1000);}
  heap.kernels=wrapped;
  let best:any=null, bt=1e9;
  for(let i=0;i<40;i++){ for(const k in acc) delete acc[k]; const a=performance.now(); await graph.run(mk(n,t),["layer 4","layer 6"]); const w=performance.now()-a; if(w<bt){bt=w;best={...acc};} }
  console.log(n,t,"cpu min",cb.toFixed(2),"wall min",bt.toFixed(2),Object.entries(best).filter(([k,v]:any)=>v>.1).map(([k,v]:any)=>k+" "+v.toFixed(2)+" ("+(100*v/bt).toFixed(0)+"%)").join(", "));
}
