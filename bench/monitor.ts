import { benchHttp, printHttpBench } from './http.ts';
import { openPipeline } from './pipeline.ts';

// /v1/monitor with everything behind it: rules in worker threads, PostgreSQL, durable before the answer.

const { pipeline, close } = await openPipeline();
const options = {
  process: pipeline.process,
  behind: 'rules and PostgreSQL',
  rounds: 7,
  secondsPerBurst: 3,
  connections: 32,
};
printHttpBench(options, await benchHttp(options));
await close();
