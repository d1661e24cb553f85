import {readFileSync} from "node:fs";
import * as ort from "onnxruntime-web";
ort.env.wasm.numThreads=1;
const s=await ort.InferenceSession.create(readFileSync("/work/shared/models/all-MiniLM-L6-v2-int8-onnx/model.onnx"));
for(const [n,t] of [[1,16],[1,32],[1,128],[8,32],[8,128]] as const){
  const f=(g:any)=>new ort.Tensor("int64",BigInt64Array.from({length:n*t},(_,i)=>g(i)),[n,t]);
  const inp={input_ids:f((i:number)=>BigInt(1000+i*37%20000)),attention_mask:f(()=>1n),token_type_ids:f(()=>0n)};
  let best=1e9; for(let i=0;i<20;i++){const a=process.cpuUsage(); await s.run(inp); const u=process.cpuUsage(a); best=Math.min(best,(u.user+u.system)/1000);}
  console.log("ort",n,t,"min cpu ms",best.toFixed(2));
}
