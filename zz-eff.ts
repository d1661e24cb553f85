import {readFileSync} from "node:fs";
import * as ort from "onnxruntime-web";
import { loadBundle } from "./src/graph/load.ts";
import { Heap } from "./src/graph/heap.ts";
import { MemoryBudget } from "./src/core/memory-budget.ts";
import { nodeKernels } from "./test/support/node-kernels.ts";
ort.env.wasm.numThreads=1;
const s=await ort.InferenceSession.create(readFileSync("/work/shared/models/efficientnet-lite0-onnx/model.onnx"));
const n=224*224;
const nhwc=new Float32Array(n*3), nchw=new Float32Array(n*3);
let seed=1; const rnd=()=>{seed=(seed*1103515245+12345)&0x7fffffff; return seed/0x7fffffff;};
for(let y=0;y<224;y++)for(let x=0;x<224;x++)for(let c=0;c<3;c++){const v=Math.sin(x/17+c)*Math.cos(y/23*(c+1))*.8+.2*(rnd()-.5); nhwc[(y*224+x)*3+c]=v; nchw[c*n+y*224+x]=v;}
const inp={[s.inputNames[0]]:new ort.Tensor("float32",nchw,[1,3,224,224])};
const cpu=(a?:any)=>process.cpuUsage(a);
const best=async(f:()=>Promise<any>,k=15)=>{let b=1e9,r:any;for(let i=0;i<k;i++){const a=cpu();r=await f();const u=cpu(a);b=Math.min(b,(u.user+u.system)/1000);}return [b,r] as const;};
const [to,ro]=await best(()=>s.run(inp)); const ref=ro.features.data as Float32Array;
console.log("ort cpu ms",to.toFixed(1));
for(const dir of ["/tmp/minilm/eff-f32","/tmp/minilm/eff-int8"]){
  const bundle=JSON.parse(readFileSync(dir+"/bundle.json","utf8")); for(const o of bundle.operations) delete o.attributes.rank;
  const host={kernels:await nodeKernels(), memory:new MemoryBudget(80<<20,()=>Date.now()), now:()=>Date.now()};
  const g=await loadBundle(bundle, async i=>new Uint8Array(readFileSync(`${dir}/weights-${String(i).padStart(2,"0")}.bin`)), host);
  const [t,r]=await best(()=>g.run({count:1,lengths:[],values:nhwc},["output"]),30);
  const out=r.output; let e=0,m=0,d=0,aa=0,bb=0; for(let i=0;i<1280;i++){e=Math.max(e,Math.abs(out[i]-ref[i]));m=Math.max(m,Math.abs(ref[i]));d+=out[i]*ref[i];aa+=out[i]**2;bb+=ref[i]**2;}
  console.log(dir,"cpu ms",t.toFixed(1),"ratio",(t/to).toFixed(3),"cost/ns",(g.cost([],1,["output"])/t/1e6).toFixed(1),"heap",(g.heapBytes/2**20).toFixed(1),"max err/max",(e/m).toExponential(2),"L2 rel",Math.sqrt(Math.max(0,aa+bb-2*d)/bb).toExponential(2),"cos",(d/Math.sqrt(aa*bb)).toFixed(6), "normalise",bundle.taps[0].normalise);
  // kernels
  const acc:Record<string,number>={}; 
  let heap:any; const o=Heap.prototype.growTo; Heap.prototype.growTo=function(this:any,b:number){heap=this;return o.call(this,b);}; await g.run({count:1,lengths:[],values:nhwc},["output"]); Heap.prototype.growTo=o;
  const real=heap.kernels, w:any={}; for(const k of Object.keys(real)) if(typeof real[k]==="function") w[k]=(...a:any[])=>{const t=performance.now();const r=real[k](...a);acc[k]=(acc[k]??0)+performance.now()-t;return r;};
  heap.kernels=w; let bb2:any,bt=1e9; for(let i=0;i<40;i++){for(const k in acc)delete acc[k];const a=performance.now();await g.run({count:1,lengths:[],values:nhwc},["output"]);const q=performance.now()-a;if(q<bt){bt=q;bb2={...acc};}}
  console.log("  total",bt.toFixed(1),Object.entries(bb2).map(([k,v]:any)=>k+" "+v.toFixed(2)).join(", "));
}
